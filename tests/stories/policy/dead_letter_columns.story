# Not Flink's: the functions are components.
# Some of the columns, with other types and NOT NULL; the rows of two functions in one table.
parallel: yes

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE FUNCTION trapping AS 'scalar' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'trap');

CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (error_kind VARCHAR(20) NOT NULL, input_row STRING, function_name STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT trapping(positive(x)) FROM t;

== input t
+I 1 5
+I 2 -1
+I 3 13
+I null null
+I 5 13

== final s
5

== final failures
error {"x":-1} positive
error {"x":null} positive
trap {"x":13} trapping
trap {"x":13} trapping
