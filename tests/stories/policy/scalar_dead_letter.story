# Not Flink's: the functions are components.
# Rows that return an error, trap and take too long, under the policy `dead-letter`: whatever the size of batches.
sizes: yes

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE FUNCTION trapping AS 'scalar' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'trap');
CREATE FUNCTION spinning AS 'scalar' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'spin', 'timeout' = '200 ms');

CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (id INT, a BIGINT, b BIGINT, c BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, error_kind STRING, arguments STRING, input_row STRING, row_kind STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
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

== final failures
positive error {"a":-1} {"id":2,"x":-1} +I
positive error {"a":-4} {"id":8,"x":-4} +I
positive error {"a":-6} {"id":12,"x":-6} +I
positive error {"a":0} {"id":5,"x":0} +I
spinning timeout {"x":13} {"id":11,"x":13} +I
spinning timeout {"x":13} {"id":7,"x":13} +I
trapping trap {"x":13} {"id":11,"x":13} +I
trapping trap {"x":13} {"id":4,"x":13} +I
trapping trap {"x":13} {"id":7,"x":13} +I

== functions
positive: 12 rows, 4 errors
spinning: 8 rows, 2 timeouts
trapping: 12 rows, 3 traps
