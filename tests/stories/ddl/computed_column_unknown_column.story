# A computed column of what is no column.

== sql
CREATE TABLE z (a INT, b AS c + 1) WITH ('connector' = 'print');

== error
column 'c' is not known; did you mean a? (line 1, column 29), in the computed column 'b'
