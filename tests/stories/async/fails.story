# Not Flink's: the functions are components.
# The policy `fail` ends the job; the error names the row.
batch: no
bulk: no
parallel: no

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true', 'async.retry-strategy' = 'no-retry');

CREATE TABLE t (x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (y BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT positive(x) FROM t;

== input t
+I 1
+I -1

== error
function 'positive' failed for (-1): -1 is not positive; to go on without such rows, declare the function WITH ('on-error' = 'null'), 'skip' or 'dead-letter'
