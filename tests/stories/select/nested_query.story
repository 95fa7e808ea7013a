# A query in FROM, with names of its own.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (x INT, y STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT q.x * 2, q.y FROM (SELECT a + 1 AS x, b AS y FROM t WHERE a < 10) AS q WHERE q.x > 2;

== input t
+I 1 a
+I 2 b
+I 12 c

== changelog s
+I 6 b

== final s
6 b
