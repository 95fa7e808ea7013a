# A row time that is a computed column.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (x INT, seen STRING, ts AS TO_TIMESTAMP(seen), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (window_start TIMESTAMP(3), total INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT window_start, SUM(x) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;

== input t
+I 1 "2024-01-01 00:00:10"
+I 2 "2024-01-01 00:00:50"
+I 4 "2024-01-01 00:01:00"
+I 8 "2024-01-01 00:02:30"

== changelog s
+I 2024-01-01T00:00:00 3
+I 2024-01-01T00:01:00 4
+I 2024-01-01T00:02:00 8

== final s
2024-01-01T00:00:00 3
2024-01-01T00:01:00 4
2024-01-01T00:02:00 8
