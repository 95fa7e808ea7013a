# An aggregation over the rows of two inputs; the types of the columns meet in the wider one.
# Recorded with Flink 2.3.

== sql
CREATE TABLE a (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE b (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, total BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, SUM(x) FROM (SELECT k, x FROM a UNION ALL SELECT k, x FROM b) GROUP BY k;

== input a
+I u 1
+I v 2

== input b
+I u 10
+I w 20

== input a
+I w 3

== final s
u 11
v 2
w 23
