# Between two values in either order.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (x INT, a BOOLEAN, b BOOLEAN, c BOOLEAN, d BOOLEAN, e BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT x, x BETWEEN SYMMETRIC 5 AND 1, x NOT BETWEEN SYMMETRIC 5 AND 1, x BETWEEN ASYMMETRIC 5 AND 1,
  CAST(NULL AS INT) BETWEEN SYMMETRIC 1 AND 2, x BETWEEN SYMMETRIC CAST(NULL AS INT) AND 2 FROM t;

== input t
+I 3
+I 5
+I 7
+I 1

== changelog s
+I 3 true false false null null
+I 5 true false false null null
+I 7 false true false null null
+I 1 true false false null null
