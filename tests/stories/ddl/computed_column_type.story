# A computed column whose types do not fit.

== sql
CREATE TABLE z (a INT, b AS a AND TRUE) WITH ('connector' = 'print');

== error
a condition must be BOOLEAN, and `a` is INT (line 1, column 29), in the computed column 'b'
