# SUM and AVG of decimals: the types that Flink gives them.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, x DECIMAL(10, 2)) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, total DECIMAL(38, 2), mean DECIMAL(38, 6)) WITH ('connector' = 'script');
INSERT INTO s SELECT k, SUM(x), AVG(x) FROM t GROUP BY k;

== input t
+I a 1.00
+I a 2.01
+I a 0.01
+I b null

== changelog s
+I a 1.00 1.000000
-U a 1.00 1.000000
+U a 3.01 1.505000
-U a 3.01 1.505000
+U a 3.02 1.006667
+I b null null

== final s
a 3.02 1.006667
b null null
