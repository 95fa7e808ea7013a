# Not Flink's: the functions are components.
# A column that dead letters have not.
parallel: no
bulk: no
batch: no

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, error_mesage STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT positive(x) FROM t;

== error
the dead-letter table 'failures' has a column 'error_mesage' that rows that fail have not; did you mean `error_message`?
