# COUNT, SUM, MIN, MAX, AVG and NULL: COUNT(*) counts rows, COUNT(x) values; SUM, MIN, MAX, AVG of no value is NULL; AVG of integers truncates.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, i INT, d DOUBLE) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT, vals BIGINT, total INT, least INT, most INT, mean INT, dmean DOUBLE) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*), COUNT(i), SUM(i), MIN(i), MAX(i), AVG(i), AVG(d) FROM t GROUP BY k;

== input t
+I a 1 1.5
+I a 2 2.5
+I b null null
+I a 4 null
+I b -7 1.0
+I b -8 0.0

== changelog s
+I a 1 1 1 1 1 1 1.5
-U a 1 1 1 1 1 1 1.5
+U a 2 2 3 1 2 1 2.0
+I b 1 0 null null null null null
-U a 2 2 3 1 2 1 2.0
+U a 3 3 7 1 4 2 2.0
-U b 1 0 null null null null null
+U b 2 1 -7 -7 -7 -7 1.0
-U b 2 1 -7 -7 -7 -7 1.0
+U b 3 2 -15 -8 -7 -7 0.5

== final s
a 3 3 7 1 4 2 2.0
b 3 2 -15 -8 -7 -7 0.5
