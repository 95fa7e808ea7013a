# A window over UNION ALL: the column is a time attribute on both sides.
# Recorded with Flink 2.3, which loses the second input where the query stands in place of the view.

== sql
CREATE TABLE a (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE b (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (begins TIMESTAMP(3), total INT) WITH ('connector' = 'script');
CREATE VIEW u AS SELECT x, ts FROM a UNION ALL SELECT x * 100, ts FROM b;
INSERT INTO s SELECT window_start, SUM(x)
FROM TABLE(TUMBLE(TABLE u, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end;

== input a
+I 1 2024-01-01T00:00:01
+I 2 2024-01-01T00:00:12

== input b
+I 3 2024-01-01T00:00:02
+I 4 2024-01-01T00:00:13

== final s
2024-01-01T00:00:00 301
2024-01-01T00:00:10 402
