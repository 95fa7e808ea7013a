# A window over a query that passes its time attribute on.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (begins TIMESTAMP(3), total INT) WITH ('connector' = 'script');
INSERT INTO s SELECT window_start, SUM(y)
FROM TABLE(TUMBLE((SELECT x + 1 AS y, ts AS rowtime FROM t WHERE x > 1), DESCRIPTOR(rowtime), INTERVAL '10' SECOND))
GROUP BY window_start, window_end;

== input t
+I 1 2024-01-01T00:00:01
+I 2 2024-01-01T00:00:02
+I 3 2024-01-01T00:00:12

== changelog s
+I 2024-01-01T00:00:00 3
+I 2024-01-01T00:00:10 4

== final s
2024-01-01T00:00:00 3
2024-01-01T00:00:10 4
