# Aggregates of a window with FILTER and DISTINCT; averages.
# Recorded with Flink 2.3.
# A row comes behind the watermark, so what else is in its batch matters.
batch: no
bulk: no

== sql
CREATE TABLE t (k STRING, x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (window_start TIMESTAMP(3), pv BIGINT, uv BIGINT, big BIGINT, mean INT, least INT, most INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT window_start, COUNT(*), COUNT(DISTINCT k), COUNT(*) FILTER (WHERE x > 3), AVG(x), MIN(x), MAX(x)
FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY window_start, window_end;

== input t
+I a 1 "2024-01-01 00:00:01"
+I b 2 "2024-01-01 00:00:03"
+I a 3 "2024-01-01 00:00:02"
+I a 4 "2024-01-01 00:00:11"
+I b 5 "2024-01-01 00:00:09.999"
+I a 6 "2024-01-01 00:00:25"
+I b 7 "2024-01-01 00:00:24.5"

== changelog s
+I 2024-01-01T00:00:00 3 2 0 2 1 3
+I 2024-01-01T00:00:10 1 1 1 4 4 4
+I 2024-01-01T00:00:20 2 2 2 6 6 7

== final s
2024-01-01T00:00:00 3 2 0 2 1 3
2024-01-01T00:00:10 1 1 1 4 4 4
2024-01-01T00:00:20 2 2 2 6 6 7
