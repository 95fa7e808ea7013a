# UNION ALL: the rows of both inputs.
# Recorded with Flink 2.3.

== sql
CREATE TABLE a (x INT) WITH ('connector' = 'script');
CREATE TABLE b (x INT) WITH ('connector' = 'script');
CREATE TABLE s (x INT) WITH ('connector' = 'script');
INSERT INTO s SELECT x FROM a UNION ALL SELECT x + 100 FROM b;

== input a
+I 1
+I 2

== input b
+I 1

== input a
+I 3

== final s
1
101
2
3
