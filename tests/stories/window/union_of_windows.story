# Windows of both sides of a UNION ALL are windows of the union where they are the same: a row is given once, when the
# window is over on both sides.
# Recorded with Flink 2.3.

== sql
CREATE TABLE a (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE b (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (begins TIMESTAMP(3), ends TIMESTAMP(3), n BIGINT, total INT) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
INSERT INTO s SELECT window_start, window_end, COUNT(*), SUM(x) FROM (
SELECT window_start, window_end, x FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(ts), INTERVAL '10' SECOND))
UNION ALL SELECT window_start, window_end, x * 100 FROM TABLE(TUMBLE(TABLE b, DESCRIPTOR(ts), INTERVAL '10' SECOND)))
GROUP BY window_start, window_end;

== input a
+I 1 "2024-01-01 00:00:01"
+I 2 "2024-01-01 00:00:12"

== input b
+I 3 "2024-01-01 00:00:02"
+I 4 "2024-01-01 00:00:13"

== final s
2024-01-01T00:00:00 2024-01-01T00:00:10 2 301
2024-01-01T00:00:10 2024-01-01T00:00:20 2 402
