# A join with a condition beside the equality.
# Recorded with Flink 2.3.

== sql
CREATE TABLE a (k INT, x INT) WITH ('connector' = 'script');
CREATE TABLE b (k INT, y INT) WITH ('connector' = 'script');
CREATE TABLE s (k INT, x INT, y INT) WITH ('connector' = 'script');
INSERT INTO s SELECT a.k, x, y FROM a JOIN b ON a.k = b.k AND a.x < b.y WHERE b.y <> 7;

== input a
+I 1 5
+I 1 9

== input b
+I 1 6
+I 1 7
+I 1 10
+I 2 100

== input a
+I 2 99

== final s
1 5 10
1 5 6
1 9 10
2 99 100
