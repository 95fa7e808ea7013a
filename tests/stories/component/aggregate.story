# Not Flink's: the functions are components.
# A component's aggregate beside built-in ones, unbounded.

== sql
CREATE FUNCTION my_sum AS 'sum' LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, mine BIGINT, total BIGINT, cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, my_sum(x), SUM(x), COUNT(*) FROM t GROUP BY k;

== input t
+I a 1
+I b 10
+I a 2
+I a 3
+I b -10

== final s
a 6 6 3
b 0 0 2
