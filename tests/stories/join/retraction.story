# A join of two changing inputs: what goes away on either side takes its pairs away.
# Recorded with Flink 2.3.
batch: no

== sql
CREATE TABLE a (k INT, x STRING) WITH ('connector' = 'script', 'changelog-mode' = 'I,UB,UA,D');
CREATE TABLE b (k INT, y STRING) WITH ('connector' = 'script', 'changelog-mode' = 'I,UB,UA,D');
CREATE TABLE s (k INT, x STRING, y STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT a.k, x, y FROM a JOIN b ON a.k = b.k;

== input a
+I 1 a1
+I 1 a1
+I 2 a2

== input b
+I 1 b1
+I 2 b2

== input a
-D 1 a1
-U 2 a2
+U 2 a3

== input b
-U 2 b2
+U 2 b4
-D 1 b1

== final s
2 a3 b4
