# Not Flink's: the functions are components.
# A column of another type.
parallel: no
bulk: no
batch: no

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (failed_at INT) WITH ('connector' = 'script');
INSERT INTO s SELECT positive(x) FROM t;

== error
column 'failed_at' of the dead-letter table 'failures' is INT, and of rows that fail it is TIMESTAMP_LTZ(3)
