# Not Flink's: the functions are components.
# A function takes the place of another, declared as a system function.

== sql
CREATE TEMPORARY SYSTEM FUNCTION pick AS 'positive' LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';
CREATE OR REPLACE TEMPORARY SYSTEM FUNCTION pick AS 'scalar' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm';

CREATE TABLE t (x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (y BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT pick(x) FROM t;

== input t
+I -1

== final s
-1
