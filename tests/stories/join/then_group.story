# An aggregation over a join; the join's retractions reach it.
# Recorded with Flink 2.3.
batch: no

== sql
CREATE TABLE a (k INT, x INT) WITH ('connector' = 'script', 'changelog-mode' = 'I,UB,UA,D');
CREATE TABLE b (k INT, name STRING) WITH ('connector' = 'script');
CREATE TABLE s (name STRING, total INT, cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT name, SUM(x), COUNT(*) FROM a JOIN b ON a.k = b.k GROUP BY name;

== input b
+I 1 one
+I 2 two

== input a
+I 1 10
+I 2 20
-U 1 10
+U 1 15
-D 2 20

== input b
+I 1 uno

== final s
one 15 1
uno 15 1
