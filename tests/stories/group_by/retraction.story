# Updates of the input: their old rows are taken back, and a group without rows goes away.
# Recorded with Flink 2.3.
batch: no

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script', 'changelog-mode' = 'I,UB,UA,D');
CREATE TABLE s (k STRING, cnt BIGINT, total INT, least INT, most INT, mean INT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*), SUM(x), MIN(x), MAX(x), AVG(x) FROM t GROUP BY k;

== input t
+I a 1
+I a 5
+I b 7
-U a 5
+U a 3
-D b 7
-D a 1
+I b 2
-D a 3

== final s
b 1 2 2 2 2
