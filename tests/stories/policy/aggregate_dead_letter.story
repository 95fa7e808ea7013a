# Not Flink's: the functions are components.
# An aggregate leaves rows out that trap, with rows that are taken back among them.
sizes: yes

== sql
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'trap');

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, sum_x BIGINT, cnt BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, error_kind STRING, arguments STRING, input_row STRING, row_kind STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
INSERT INTO s SELECT k, total(x), COUNT(*) FROM t GROUP BY k;

== input t
+I a 5
+I b 13
+I a 13
+I b 1
+I a 2
+I c 13
+I b 4
+I a 7
+I c 6

== final s
a 14 4
b 5 3
c 6 2

== final failures
total trap {"x":13} {"k":"a","x":13} +I
total trap {"x":13} {"k":"b","x":13} +I
total trap {"x":13} {"k":"c","x":13} +I

== functions
total: 9 rows, 3 traps
