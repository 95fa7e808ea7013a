# Not Flink's: the functions are components.
# Rows that return an error, trap and take too long, under the policy `skip`: whatever the size of batches.
sizes: yes

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'skip');
CREATE FUNCTION trapping AS 'scalar' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'trap');
CREATE FUNCTION spinning AS 'scalar' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'spin', 'timeout' = '200 ms');

CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (id INT, a BIGINT, b BIGINT, c BIGINT) WITH ('connector' = 'script');

INSERT INTO s SELECT id, positive(x), trapping(x), CASE WHEN id > 4 THEN spinning(x) END FROM t;

== input t
+I 1 5
+I 2 -1
+I 3 7
+I 4 13
+I 5 0
+I 6 2
+I 7 13
+I 8 -4
+I 9 8
+I 10 9
+I 11 13
+I 12 -6

== final s
1 5 5 null
10 9 9 9
3 7 7 null
6 2 2 2
9 8 8 8

== functions
positive: 12 rows, 4 errors
spinning: 8 rows, 2 timeouts
trapping: 12 rows, 3 traps
