# COUNT(DISTINCT x) over updates: a value leaves when its last row does.
# Recorded with Flink 2.3.
batch: no

== sql
CREATE TABLE t (k STRING, u STRING) WITH ('connector' = 'script', 'changelog-mode' = 'I,UB,UA,D');
CREATE TABLE s (k STRING, uv BIGINT, least STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(DISTINCT u), MIN(u) FROM t GROUP BY k;

== input t
+I a u1
+I a u1
+I a u2
-D a u1
-D a u1
-U a u2
+U a u3

== final s
a 1 u3
