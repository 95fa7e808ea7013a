# What is parsed but not supported is refused with its place: OVER.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE u (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s
SELECT a,
  CAST(SUM(a) OVER (PARTITION BY b ORDER BY a) AS STRING) FROM t;

== error
OVER is not supported (line 6, column 8)
