# Not Flink's: the functions are components.
# A component's scalar function in a projection; NULL in gives NULL.

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';
CREATE FUNCTION shout AS 'upper' LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

CREATE TABLE t (a BIGINT, b BIGINT, x STRING) WITH ('connector' = 'script');
CREATE TABLE s (total BIGINT, x STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT add(a, b), shout(x) FROM t;

== input t
+I 1 2 abc
+I null 2 null
+I -5 7 éa

== final s
2 ÉA
3 ABC
null null
