# Not Flink's: the functions are components.
# In batch mode aggregates do not hand on their rows.

== sql
SET 'execution.runtime-mode' = 'batch';
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE TABLE failures (function_name STRING) WITH ('connector' = 'script');
SELECT total(x) FROM (VALUES (CAST(1 AS BIGINT))) AS t(x);

== error
in batch mode the aggregate 'total' cannot send rows that fail to a table; declare it WITH ('on-error' = 'skip'), or run the query as a stream
