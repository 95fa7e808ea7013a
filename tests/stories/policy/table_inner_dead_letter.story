# Not Flink's: the functions are components.
# A table function that traps within the output of a row, and one that returns an error, under the policy `dead-letter`.
# What it gave before stays, whatever the size of batches.
sizes: yes

== sql
CREATE FUNCTION halfway AS 'table' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'second');
CREATE FUNCTION complaining AS 'table' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'complain');

CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (id INT, x BIGINT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE s2 (id INT, x BIGINT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, error_kind STRING, error_message STRING, arguments STRING, input_row STRING, row_kind STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
EXECUTE STATEMENT SET BEGIN
INSERT INTO s SELECT id, x, y FROM t JOIN LATERAL TABLE(halfway(x)) AS h(y) ON TRUE;
INSERT INTO s2 SELECT id, x, y FROM t JOIN LATERAL TABLE(complaining(x)) AS h(y) ON TRUE;
END;

== input t
+I 1 5
+I 2 13
+I 3 7
+I 4 13
+I 5 1
+I 6 2
+I 7 3
+I 8 13

== final s
1 5 50
1 5 51
2 13 130
3 7 70
3 7 71
4 13 130
5 1 10
5 1 11
6 2 20
6 2 21
7 3 30
7 3 31
8 13 130

== final s2
1 5 50
1 5 51
3 7 70
3 7 71
5 1 10
5 1 11
6 2 20
6 2 21
7 3 30
7 3 31

== final failures
complaining error unlucky {"x":13} {"id":2,"x":13} +I
complaining error unlucky {"x":13} {"id":4,"x":13} +I
complaining error unlucky {"x":13} {"id":8,"x":13} +I
halfway trap "trapped: wasm `unreachable` instruction executed" {"x":13} {"id":2,"x":13} +I
halfway trap "trapped: wasm `unreachable` instruction executed" {"x":13} {"id":4,"x":13} +I
halfway trap "trapped: wasm `unreachable` instruction executed" {"x":13} {"id":8,"x":13} +I

== functions
complaining: 8 rows, 3 errors
halfway: 8 rows, 3 traps
