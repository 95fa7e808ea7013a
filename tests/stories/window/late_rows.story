# Rows behind the watermark whose window has been emitted are dropped; those of an open window count.
# Recorded with Flink 2.3.
batch: no
bulk: no

== sql
CREATE TABLE t (k STRING, x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (window_start TIMESTAMP(3), cnt BIGINT, total INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT window_start, COUNT(*), SUM(x)
FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY window_start, window_end;

== input t
+I a 1 "2024-01-01 00:00:08"
+I a 2 "2024-01-01 00:00:10.999"
+I a 4 "2024-01-01 00:00:03"
+I a 8 "2024-01-01 00:00:11"
+I late 100 "2024-01-01 00:00:09"
+I a 16 "2024-01-01 00:00:19"
+I late 200 "2024-01-01 00:00:01"

== changelog s
+I 2024-01-01T00:00:00 1 1
+I 2024-01-01T00:00:10 3 26

== final s
2024-01-01T00:00:00 1 1
2024-01-01T00:00:10 3 26
