# UNION gives each row once.
# Recorded with Flink 2.3.

== sql
CREATE TABLE a (x INT) WITH ('connector' = 'script');
CREATE TABLE b (x INT) WITH ('connector' = 'script');
CREATE TABLE s (x INT) WITH ('connector' = 'script');
INSERT INTO s SELECT x FROM a UNION SELECT x FROM b;

== input a
+I 1
+I 2
+I 1

== input b
+I 2
+I 3

== final s
1
2
3
