# A source that gives updates: a projection changes both rows, a filter may see only one of them.
# Recorded with Flink 2.3.
batch: no

== sql
CREATE TABLE t (a INT, b INT) WITH ('connector' = 'script', 'changelog-mode' = 'I,UB,UA,D');
CREATE TABLE s (a INT, b INT) WITH ('connector' = 'script');
INSERT INTO s SELECT a, b * 10 FROM t WHERE b > 1;

== input t
+I 1 1
+I 2 2
-U 1 1
+U 1 5
-U 2 2
+U 2 0
-D 1 5

== final s
