# Not Flink's: the functions are components.
# A call for rows of which no column is read.

== sql
CREATE FUNCTION called LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true');

CREATE TABLE t (x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (y BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT called() > 0 FROM t;

== input t
+I 1
+I 2
+I 3

== final s
true
true
true
