# INSERT INTO s (columns): the others become NULL.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (x STRING, y BIGINT, z DOUBLE) WITH ('connector' = 'script');
INSERT INTO s (y, x) SELECT a, b FROM t;

== input t
+I 1 u
+I 2 v

== changelog s
+I u 1 null
+I v 2 null

== final s
u 1 null
v 2 null
