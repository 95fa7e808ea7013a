# Not Flink's: the functions are components.
# A call that stands twice is made once a row, and where a condition decides, for the rows that it lets through.
sizes: yes

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'null');
CREATE FUNCTION passing AS 'scalar' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm';

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, a BIGINT, b BIGINT, c BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, positive(x), positive(x) + 1, CASE WHEN k = 'a' THEN passing(positive(x)) END FROM t;

== input t
+I a 5
+I b 13
+I a -2
+I a 6
+I c -1

== final s
a 5 6 5
a 6 7 6
a null null -2
b 13 14 null
c null null null

== functions
passing: 3 rows
positive: 5 rows, 2 errors
