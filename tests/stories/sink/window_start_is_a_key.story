# All windows are of one length, so their starts tell them apart.
# Flink 2.3 wants ON CONFLICT here; the rows are its own.

== sql
CREATE TABLE t (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (begins TIMESTAMP(3), cnt BIGINT, PRIMARY KEY (begins) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT window_start, COUNT(*)
FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end;

== input t
+I 1 2024-01-01T00:00:01
+I 2 2024-01-01T00:00:05
+I 3 2024-01-01T00:00:11

== final s
2024-01-01T00:00:00 2
2024-01-01T00:00:10 1
