# What is parsed but not supported is refused with its place: INTERSECT.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE u (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s
SELECT a, b FROM t
INTERSECT SELECT a, b FROM u;

== error
INTERSECT is not supported (line 5, column 1)
