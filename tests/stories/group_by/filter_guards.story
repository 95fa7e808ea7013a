# What FILTER leaves out is not computed, in a stream and in a batch alike: one whose argument would fail is no error.

== sql
CREATE TABLE t (k STRING, a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, x INT, y INT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, SUM(12 / (a - 2)) FILTER (WHERE a <> 2), MAX(CAST(b AS INT)) FILTER (WHERE b IN ('7', '9')),
  COUNT(DISTINCT 12 / (a - 2)) FILTER (WHERE a > 2) FROM t GROUP BY k;

== input t
+I x 2 7
+I x 3 y
+I x 5 9
+I y 2 z

== final s
x 16 9 2
y null null 0
