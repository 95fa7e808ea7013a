# A row whose window is over on both sides is late.
# Not Flink's in its order: the tables are read one after another.
batch: no
bulk: no

== sql
CREATE TABLE a (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (begins TIMESTAMP(3), n BIGINT, total INT) WITH ('connector' = 'script');
INSERT INTO s SELECT window_start, COUNT(*), SUM(x) FROM (
SELECT window_start, window_end, x FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(ts), INTERVAL '10' SECOND))
UNION ALL SELECT window_start, window_end, x * 100 FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(ts), INTERVAL '10' SECOND)))
GROUP BY window_start, window_end;

== input a
+I 1 "2024-01-01 00:00:01"
+I 2 "2024-01-01 00:00:12"
+I 4 "2024-01-01 00:00:03"
+I 8 "2024-01-01 00:00:11"

== changelog s
+I 2024-01-01T00:00:00 2 101
+I 2024-01-01T00:00:10 4 1010

== final s
2024-01-01T00:00:00 2 101
2024-01-01T00:00:10 4 1010
