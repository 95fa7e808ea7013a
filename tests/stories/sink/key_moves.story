# The query's key is within the sink's, so no rows meet; an update that moves a row deletes it where it was.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT, PRIMARY KEY (k, cnt) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*) FROM t GROUP BY k;

== input t
+I a 1
+I b 2
+I a 3

== final s
a 2
b 1
