# Not Flink's: the functions are components.
# A row that takes too long fails by itself, and goes to the table.
sizes: yes

== sql
CREATE FUNCTION spinning AS 'scalar' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('async' = 'true', 'on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'spin', 'async.timeout' = '500 ms');

CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (id INT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, error_kind STRING, error_message STRING, arguments STRING, input_row STRING, row_kind STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
INSERT INTO s SELECT id, spinning(x) FROM t;

== input t
+I 1 5
+I 2 13
+I 3 7
+I 4 8
+I 5 13
+I 6 1

== final s
1 5
3 7
4 8
6 1

== final failures
spinning timeout "took longer than 500 ms (option 'async.timeout')" {"x":13} {"id":2,"x":13} +I
spinning timeout "took longer than 500 ms (option 'async.timeout')" {"x":13} {"id":5,"x":13} +I

== functions
spinning: 6 rows, 2 timeouts
