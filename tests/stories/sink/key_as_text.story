# A cast to STRING tells numbers apart: it is a key where the number is.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT CAST(x AS STRING), COUNT(*) FROM t GROUP BY x;

== input t
+I 1
+I 2
+I 1

== final s
1 2
2 1
