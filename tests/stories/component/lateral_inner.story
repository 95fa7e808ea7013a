# Not Flink's: the functions are components.
# LATERAL TABLE(f(x)): a row for each row of the function; rows without any are gone.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

CREATE TABLE t (id INT, line STRING) WITH ('connector' = 'script');
CREATE TABLE s (id INT, word STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT id, word FROM t, LATERAL TABLE(split(line)) AS words(word) WHERE word <> 'or';

== input t
+I 1 "to be or"
+I 2 ""
+I 3 null
+I 4 not

== final s
1 be
1 to
4 not
