# Not Flink's: the functions are components.
# Rows that fail have no key.
parallel: no
bulk: no
batch: no

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, PRIMARY KEY (function_name) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT positive(x) FROM t;

== error
the dead-letter table 'failures' has a PRIMARY KEY, and rows that fail have none; leave it out
