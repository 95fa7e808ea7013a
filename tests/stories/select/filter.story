# WHERE keeps the rows whose condition is true: not those where it is NULL.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT a, b FROM t WHERE a > 1 AND b <> 'x';

== input t
+I 1 y
+I 2 y
+I 3 x
+I null y
+I 4 null
+I 5 z

== changelog s
+I 2 y
+I 5 z

== final s
2 y
5 z
