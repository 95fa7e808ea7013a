# Joins of three tables.
# Recorded with Flink 2.3.

== sql
CREATE TABLE a (k INT, x STRING) WITH ('connector' = 'script');
CREATE TABLE b (k INT, l INT) WITH ('connector' = 'script');
CREATE TABLE c (l INT, y STRING) WITH ('connector' = 'script');
CREATE TABLE s (x STRING, y STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT x, y FROM a JOIN b ON a.k = b.k JOIN c ON b.l = c.l;

== input a
+I 1 a1
+I 2 a2

== input b
+I 1 10
+I 2 20
+I 1 20

== input c
+I 10 c10
+I 20 c20

== final s
a1 c10
a1 c20
a2 c20
