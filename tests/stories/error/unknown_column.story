# A column that is not there; its place is named.

== sql
CREATE TABLE t (amount INT) WITH ('connector' = 'script');
CREATE TABLE s (a INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT amuont
FROM t;

== error
column 'amuont' is not known; did you mean amount? (line 4, column 8)
