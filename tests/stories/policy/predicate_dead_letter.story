# Not Flink's: the functions are components.
# A function in WHERE, another around it, and the branch of a CASE: a row goes to the table where it failed first.

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (id INT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, error_kind STRING, error_message STRING, arguments STRING, input_row STRING, row_kind STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
INSERT INTO s SELECT id, positive(add(x, -2)) FROM t WHERE positive(x) > 1 AND id < 100;

== input t
+I 1 5
+I 2 -1
+I 3 2
+I 4 1
+I 500 -9
+I 6 3

== final s
1 3
6 1

== final failures
positive error "-1 is not positive" {"a":-1} {"id":2,"x":-1} +I
positive error "0 is not positive" {"a":0} {"id":3,"x":2} +I
