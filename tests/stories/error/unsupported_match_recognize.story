# What is parsed but not supported is refused with its place: MATCH_RECOGNIZE.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE u (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s
SELECT a, b FROM t
MATCH_RECOGNIZE (PARTITION BY a PATTERN (x) DEFINE x AS a > 1);

== error
MATCH_RECOGNIZE is not supported (line 5, column 18)
