# Windows that are not the same are ordinary columns of a union: a row is given at once, and updated.
# Recorded with Flink 2.3.

== sql
CREATE TABLE a (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (begins TIMESTAMP(3), ends TIMESTAMP(3), n BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT window_start, window_end, COUNT(*) FROM (
SELECT window_start, window_end, x FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(ts), INTERVAL '10' SECOND))
UNION ALL SELECT window_start, window_end, x FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(ts), INTERVAL '5' SECOND)))
GROUP BY window_start, window_end;

== input a
+I 1 "2024-01-01 00:00:01"
+I 2 "2024-01-01 00:00:12"
+I 4 "2024-01-01 00:00:03"

== final s
2024-01-01T00:00:00 2024-01-01T00:00:05 2
2024-01-01T00:00:00 2024-01-01T00:00:10 2
2024-01-01T00:00:10 2024-01-01T00:00:15 1
2024-01-01T00:00:10 2024-01-01T00:00:20 1
