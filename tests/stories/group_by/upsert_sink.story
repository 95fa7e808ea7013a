# A sink with a primary key takes updates without the old rows.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, total INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, SUM(x) FROM t GROUP BY k;

== input t
+I a 1
+I b 2
+I a 3

== final s
a 4
b 2
