# HOP: windows overlap, and a row is in several.
# Recorded with Flink 2.3.
# A row comes behind the watermark, so what else is in its batch matters.
batch: no
bulk: no

== sql
CREATE TABLE t (k STRING, x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, window_start TIMESTAMP(3), window_end TIMESTAMP(3), cnt BIGINT, total INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT k, window_start, window_end, COUNT(*), SUM(x)
FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND))
GROUP BY k, window_start, window_end;

== input t
+I a 1 "2024-01-01 00:00:01"
+I b 2 "2024-01-01 00:00:03"
+I a 3 "2024-01-01 00:00:02"
+I a 4 "2024-01-01 00:00:11"
+I b 5 "2024-01-01 00:00:09.999"
+I a 6 "2024-01-01 00:00:25"
+I b 7 "2024-01-01 00:00:24.5"

== final s
a 2023-12-31T23:59:55 2024-01-01T00:00:05 2 4
a 2024-01-01T00:00:00 2024-01-01T00:00:10 2 4
a 2024-01-01T00:00:05 2024-01-01T00:00:15 1 4
a 2024-01-01T00:00:10 2024-01-01T00:00:20 1 4
a 2024-01-01T00:00:20 2024-01-01T00:00:30 1 6
a 2024-01-01T00:00:25 2024-01-01T00:00:35 1 6
b 2023-12-31T23:59:55 2024-01-01T00:00:05 1 2
b 2024-01-01T00:00:00 2024-01-01T00:00:10 1 2
b 2024-01-01T00:00:05 2024-01-01T00:00:15 1 5
b 2024-01-01T00:00:15 2024-01-01T00:00:25 1 7
b 2024-01-01T00:00:20 2024-01-01T00:00:30 1 7
