# A window of all rows; the changelog is append-only and in the order of the windows.
# Recorded with Flink 2.3.
# A row comes behind the watermark, so what else is in its batch matters.
batch: no
bulk: no

== sql
CREATE TABLE t (k STRING, x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (window_start TIMESTAMP(3), window_end TIMESTAMP(3), cnt BIGINT, uv BIGINT) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
INSERT INTO s
SELECT window_start, window_end, COUNT(*), COUNT(DISTINCT k)
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
+I 2024-01-01T00:00:00 2024-01-01T00:00:10 3 2
+I 2024-01-01T00:00:10 2024-01-01T00:00:20 1 1
+I 2024-01-01T00:00:20 2024-01-01T00:00:30 2 2

== final s
2024-01-01T00:00:00 2024-01-01T00:00:10 3 2
2024-01-01T00:00:10 2024-01-01T00:00:20 1 1
2024-01-01T00:00:20 2024-01-01T00:00:30 2 2
