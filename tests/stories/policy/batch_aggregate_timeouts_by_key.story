# Not Flink's: the functions are components.
# In batch mode too, an aggregate by keys goes on however many rows take too long.

== sql
SET 'execution.runtime-mode' = 'batch';
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'spin', 'timeout' = '300 ms');
SELECT k, total(x) FROM (VALUES ('a', CAST(13 AS BIGINT)), ('a', CAST(13 AS BIGINT)), ('a', CAST(1 AS BIGINT))) AS t(k, x) GROUP BY k;

== output
+I a 1
