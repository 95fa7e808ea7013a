# Not Flink's: the functions are components.
# On updates: ordered, and waited for at barriers.
batch: no

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true');

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, y BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, add(total, 1) FROM (SELECT k, SUM(x) AS total FROM t GROUP BY k) AS sums;

== input t
+I a 5
+I b 1
+I a 2
+I a 3
+I b 9

== changelog s
+I a 6
+I b 2
-U a 6
+U a 8
-U a 8
+U a 11
-U b 2
+U b 11

== final s
a 11
b 11
