# Not Flink's: the functions are components.
# LEFT JOIN LATERAL TABLE(f(x)) ON TRUE: rows without any stay, with NULL.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

CREATE TABLE t (id INT, line STRING) WITH ('connector' = 'script');
CREATE TABLE s (id INT, word STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT id, word FROM t LEFT JOIN LATERAL TABLE(split(line)) AS words(word) ON TRUE;

== input t
+I 1 "to be"
+I 2 ""
+I 3 null
+I 4 not

== final s
1 be
1 to
2 null
3 null
4 not
