# SELECT DISTINCT keeps the first of equal rows.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT DISTINCT a, b FROM t;

== input t
+I 1 x
+I 1 x
+I 1 y
+I null x
+I null x

== changelog s
+I 1 x
+I 1 y
+I null x

== final s
1 x
1 y
null x
