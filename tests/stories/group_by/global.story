# Without GROUP BY there is one row; none before the first input in a stream, one in a batch.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (cnt BIGINT, total INT) WITH ('connector' = 'script');
INSERT INTO s SELECT COUNT(*), SUM(x) FROM t;

== input t
+I 1
+I 2
+I null

== changelog s
+I 1 1
-U 1 1
+U 2 3
-U 2 3
+U 3 3

== final s
3 3
