# A condition that is none.

== sql
CREATE TABLE t (a INT) WITH ('connector' = 'script');
CREATE TABLE s (a INT) WITH ('connector' = 'script');
INSERT INTO s SELECT a FROM t WHERE a + 1;

== error
a condition must be BOOLEAN, and `a + 1` is INT (line 3, column 37)
