# Not Flink's: the functions are components.
# Calls inside calls and inside other expressions; the same call twice.

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';
CREATE FUNCTION word_length AS 'len' LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

CREATE TABLE t (a BIGINT, x STRING) WITH ('connector' = 'script');
CREATE TABLE s (p BIGINT, q BIGINT, r BIGINT, same BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT add(add(a, 1), a * 2), add(word_length(x), 10) + 1, CASE WHEN a > 1 THEN add(a, a) ELSE 0 END, add(add(a, 1), a * 2) FROM t;

== input t
+I 1 abc
+I 2 de
+I 3 null

== final s
10 null 6 10
4 14 0 4
7 13 4 7
