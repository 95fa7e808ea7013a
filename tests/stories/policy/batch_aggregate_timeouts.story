# Not Flink's: the functions are components.
# In batch mode too, an aggregate goes on however many rows take too long.

== sql
SET 'execution.runtime-mode' = 'batch';
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'spin', 'timeout' = '300 ms');
SELECT total(x) FROM (VALUES (CAST(13 AS BIGINT)), (CAST(13 AS BIGINT)), (CAST(1 AS BIGINT))) AS t(x);

== output
+I 1
