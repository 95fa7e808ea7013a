# What is parsed but not supported is refused with its place: grouping sets.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE u (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s
SELECT a, b FROM t
GROUP BY GROUPING SETS ((a), (b));

== error
GROUPING SETS, CUBE and ROLLUP is not supported (line 6, column 26)
