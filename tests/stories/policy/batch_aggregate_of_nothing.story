# Not Flink's: the functions are components.
# In batch mode an aggregate over no rows at all has a value, whatever its policy.

== sql
SET 'execution.runtime-mode' = 'batch';
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE FUNCTION quiet AS 'total' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip');
CREATE TABLE failures (function_name STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
SELECT * FROM (SELECT total(x), quiet(x), COUNT(*) FROM (VALUES (CAST(1 AS BIGINT))) AS t(x) WHERE x > 1), (SELECT quiet(x), COUNT(*) FROM (VALUES (CAST(1 AS BIGINT))) AS t(x) WHERE x > 1);

== output
+I 0 0 0 0 0
