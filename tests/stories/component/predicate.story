# Not Flink's: the functions are components.
# A component's function in WHERE and in HAVING.

== sql
CREATE FUNCTION word_length AS 'len' LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (x STRING, cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT x, COUNT(*) FROM t WHERE word_length(x) > 2 GROUP BY x HAVING word_length(x) < 5;

== input t
+I abc
+I de
+I abcd
+I abc
+I abcdef
+I null

== final s
abc 2
abcd 1
