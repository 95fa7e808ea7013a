# Not Flink's: the functions are components.
# A row that its function refuses fails the job; the error names function and row.
parallel: no
bulk: no
batch: no

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

CREATE TABLE t (a BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (a BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT positive(a) FROM t;

== input t
+I 1
+I -1

== error
function 'positive' failed for (-1): -1 is not positive; to go on without such rows, declare the function WITH ('on-error' = 'null'), 'skip' or 'dead-letter'
