# Not Flink's: the functions are components.
# A row that every window of a hop leaves out goes to the table once.
sizes: yes
batch: no
bulk: no

== sql
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'trap');

CREATE TABLE t (x BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (window_end TIMESTAMP(3), sum_x BIGINT, cnt BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, error_kind STRING, arguments STRING, input_row STRING, row_kind STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
INSERT INTO s SELECT window_end, total(x), COUNT(*)
FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end;

== input t
+I 5 "2024-01-01 00:00:01"
+I 13 "2024-01-01 00:00:04"
+I 2 "2024-01-01 00:00:07"
+I 13 "2024-01-01 00:00:11"
+I 3 "2024-01-01 00:00:12"
+I 4 "2024-01-01 00:00:30"

== final s
2024-01-01T00:00:05 5 2
2024-01-01T00:00:10 7 3
2024-01-01T00:00:15 5 3
2024-01-01T00:00:20 3 2
2024-01-01T00:00:35 4 1
2024-01-01T00:00:40 4 1

== final failures
total trap {"x":13} {"x":13,"ts":"2024-01-01T00:00:04"} +I
total trap {"x":13} {"x":13,"ts":"2024-01-01T00:00:11"} +I
