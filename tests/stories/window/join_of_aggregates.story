# Window aggregations joined by their windows: each gives a window once, and no row of it is late.
# Recorded with Flink 2.3.

== sql
CREATE TABLE l (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE r (y INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (begins TIMESTAMP(3), x INT, y INT) WITH ('connector' = 'script');
INSERT INTO s SELECT a.window_start, a.x, b.y
FROM (SELECT window_start, window_end, SUM(x) AS x FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end) a
JOIN (SELECT window_start, window_end, SUM(y) AS y FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '5' SECOND)) GROUP BY window_start, window_end) b
ON a.window_start = b.window_start AND a.window_end = b.window_end;

== input l
+I 1 2024-01-01T00:00:01
+I 2 2024-01-01T00:00:02
+I 3 2024-01-01T00:00:07

== input r
+I 10 2024-01-01T00:00:03
+I 20 2024-01-01T00:00:12

== final s
2024-01-01T00:00:00 3 10
