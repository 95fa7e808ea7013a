# The same with the query in place of the view.
# Not Flink's: Flink 2.3 reads the first input alone there.

== sql
CREATE TABLE a (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE b (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (begins TIMESTAMP(3), total INT) WITH ('connector' = 'script');
INSERT INTO s SELECT window_start, SUM(x)
FROM TABLE(TUMBLE((SELECT x, ts FROM a UNION ALL SELECT x * 100, ts FROM b), DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY window_start, window_end;

== input a
+I 1 2024-01-01T00:00:01
+I 2 2024-01-01T00:00:12

== input b
+I 3 2024-01-01T00:00:02
+I 4 2024-01-01T00:00:13

== final s
2024-01-01T00:00:00 301
2024-01-01T00:00:10 402
