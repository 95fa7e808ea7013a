# Not Flink's: the functions are components.
# An expansion of many rows goes through in pieces.

== sql
CREATE FUNCTION repeat_row AS 'repeat' LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

SET 'execution.batch-size' = '64';
CREATE TABLE t (times BIGINT) WITH ('connector' = 'script');
CREATE TABLE sums (k INT, cnt BIGINT, total BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO sums SELECT 1, COUNT(*), SUM(i) FROM t, LATERAL TABLE(repeat_row(times)) AS r(i);

== input t
+I 1000
+I 0
+I 500

== final sums
1 1500 624250
