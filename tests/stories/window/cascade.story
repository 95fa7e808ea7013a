# Windows of windows: window_time is a time attribute of the first result.
# Recorded with Flink 2.3.
# A row comes behind the watermark, so what else is in its batch matters.
batch: no
bulk: no

== sql
CREATE TABLE t (k STRING, x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (window_start TIMESTAMP(3), window_end TIMESTAMP(3), total BIGINT) WITH ('connector' = 'script');
CREATE VIEW small AS
SELECT k, window_time AS rowtime, COUNT(*) AS cnt
FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND))
GROUP BY k, window_start, window_end, window_time;
INSERT INTO s
SELECT window_start, window_end, SUM(cnt)
FROM TABLE(TUMBLE(TABLE small, DESCRIPTOR(rowtime), INTERVAL '20' SECOND))
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
+I 2024-01-01T00:00:00 2024-01-01T00:00:20 4
+I 2024-01-01T00:00:20 2024-01-01T00:00:40 2

== final s
2024-01-01T00:00:00 2024-01-01T00:00:20 4
2024-01-01T00:00:20 2024-01-01T00:00:40 2
