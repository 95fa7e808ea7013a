# COUNT(DISTINCT x): each value once, NULL not at all.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, u STRING) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, pv BIGINT, uv BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*), COUNT(DISTINCT u) FROM t GROUP BY k;

== input t
+I a u1
+I a u2
+I a u1
+I b null
+I b u1
+I a null

== changelog s
+I a 1 1
-U a 1 1
+U a 2 2
-U a 2 2
+U a 3 2
+I b 1 0
-U b 1 0
+U b 2 1
-U a 3 2
+U a 4 2

== final s
a 4 2
b 2 1
