# Not Flink's: the functions are components.
# A row that only accumulate refuses (the sum would pass 100): taking it back must not change the sum.
bulk: no
batch: no

== sql
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'when-large');

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script', 'changelog-mode' = 'I,UB,UA,D');
CREATE TABLE s (k STRING, sum_x BIGINT, cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, total(x), COUNT(*) FROM t GROUP BY k;

== input t
+I a 50
+I a 200
+I b 7
+I a 200
-D a 200
+I a 20
-D a 200
-U a 50
+U a 60

== changelog s
+I a 50 1
-U a 50 1
+U a 50 2
+I b 7 1
-U a 50 2
+U a 50 3
-U a 50 3
+U a 50 2
-U a 50 2
+U a 70 3
-U a 70 3
+U a 70 2
-U a 70 2
+U a 20 1
-U a 20 1
+U a 80 2

== final s
a 80 2
b 7 1
