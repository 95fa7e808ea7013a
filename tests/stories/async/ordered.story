# Not Flink's: the functions are components.
# Results in the order of the rows, with NULL for those of a branch that is not taken.

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true', 'async.capacity' = '3', 'on-error' = 'null', 'async.max-attempts' = '2', 'async.retry-delay' = '1 ms');
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true');

CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (id INT, y BIGINT, z BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT id, positive(add(x, 1)), CASE WHEN id > 3 THEN positive(x) END FROM t WHERE add(x, x) < 100;

== input t
+I 1 5
+I 2 -3
+I 3 7
+I 4 -9
+I 5 2
+I 6 99
+I 7 1

== changelog s
+I 1 6 null
+I 2 null null
+I 3 8 null
+I 4 null null
+I 5 3 2
+I 7 2 1

== final s
1 6 null
2 null null
3 8 null
4 null null
5 3 2
7 2 1
