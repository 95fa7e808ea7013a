# Not Flink's: the functions are components.
# In batch mode an aggregate over windows sends rows that fail to a table, with the window among their columns: of windows
# that overlap once for each.

== sql
SET 'execution.runtime-mode' = 'batch';
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'trap');

CREATE TABLE failures (function_name STRING, error_kind STRING, arguments STRING, input_row STRING, row_kind STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
CREATE VIEW t AS SELECT x, ts FROM (VALUES
  (CAST(5 AS BIGINT), TIMESTAMP '2024-01-01 00:00:01'), (13, TIMESTAMP '2024-01-01 00:00:04'), (2, TIMESTAMP '2024-01-01 00:00:07')
) AS rows_of_t(x, ts);
SELECT window_end, total(x), COUNT(*)
FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end;

== output
+I 2024-01-01T00:00:10 7 3
+I 2024-01-01T00:00:05 5 2
+I 2024-01-01T00:00:15 2 1

== final failures
total trap {"x":13} {"window_start":"2023-12-31T23:59:55","window_end":"2024-01-01T00:00:05","x":13} +I
total trap {"x":13} {"window_start":"2024-01-01T00:00:00","window_end":"2024-01-01T00:00:10","x":13} +I
