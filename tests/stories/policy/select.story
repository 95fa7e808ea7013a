# Not Flink's: the functions are components.
# The rows of a SELECT that fail go to the table too.

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');

CREATE TABLE failures (arguments STRING) WITH ('connector' = 'script');
SELECT positive(x) FROM (VALUES (CAST(1 AS BIGINT)), (-2), (3)) AS t(x);

== final failures
{"a":-2}

== output
+I 1
+I 3
