# HAVING: a group appears when the condition becomes true, and is deleted when it no longer is.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, total INT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, SUM(x) FROM t GROUP BY k HAVING SUM(x) > 10;

== input t
+I a 5
+I a 6
+I b 20
+I b -15
+I a 1

== final s
a 12
