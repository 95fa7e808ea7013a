# Not Flink's: the functions are components.
# A row that was left out is not taken back from the aggregate either.
bulk: no
batch: no

== sql
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'trap');

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script', 'changelog-mode' = 'I,UB,UA,D');
CREATE TABLE s (k STRING, sum_x BIGINT, cnt BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, error_kind STRING, arguments STRING, input_row STRING, row_kind STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
INSERT INTO s SELECT k, total(x), COUNT(*) FROM t GROUP BY k;

== input t
+I a 5
+I a 13
+I b 13
-D a 13
-U a 5
+U a 6
+I b 2

== changelog s
+I a 5 1
-U a 5 1
+U a 5 2
+I b 0 1
-U a 5 2
+U a 5 1
-D a 5 1
+I a 6 1
-U b 0 1
+U b 2 2

== final s
a 6 1
b 2 2

== final failures
total trap {"x":13} {"k":"a","x":13} +I
total trap {"x":13} {"k":"b","x":13} +I
