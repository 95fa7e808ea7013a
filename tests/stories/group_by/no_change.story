# A row that leaves the group's values as they were emits nothing.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, most INT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, MAX(x) FROM t GROUP BY k;

== input t
+I a 5
+I a 3
+I a 5
+I a 9

== changelog s
+I a 5
-U a 5
+U a 9

== final s
a 9
