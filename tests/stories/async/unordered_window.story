# Not Flink's: the functions are components.
# Unordered results do not pass watermarks: no row is late for its window.

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true', 'async.output-mode' = 'allow-unordered', 'async.capacity' = '4');

CREATE TABLE t (x BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE VIEW v AS SELECT add(x, 100) AS y, ts FROM t;
CREATE TABLE s (window_end TIMESTAMP(3), total BIGINT, cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT window_end, SUM(y), COUNT(*) FROM TABLE(TUMBLE(TABLE v, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end;

== input t
+I 0 "2024-01-01 00:00:00"
+I 1 "2024-01-01 00:00:03"
+I 2 "2024-01-01 00:00:06"
+I 3 "2024-01-01 00:00:09"
+I 4 "2024-01-01 00:00:12"
+I 5 "2024-01-01 00:00:15"
+I 6 "2024-01-01 00:00:18"
+I 7 "2024-01-01 00:00:21"
+I 8 "2024-01-01 00:00:24"
+I 9 "2024-01-01 00:00:27"
+I 10 "2024-01-01 00:00:30"
+I 11 "2024-01-01 00:00:33"

== final s
2024-01-01T00:00:10 406 4
2024-01-01T00:00:20 315 3
2024-01-01T00:00:30 324 3
2024-01-01T00:00:40 221 2
