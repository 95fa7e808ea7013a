# Not Flink's: the functions are components.
# The table is not known.
parallel: no
bulk: no
batch: no

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failure (function_name STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT positive(x) FROM t;

== error
table 'failures' ('dead-letter.table' of function 'positive') is not known; did you mean `failure`?
