# A projection of a stream gives a row for each row.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT a + 1, b FROM t WHERE a > 1;

== input t
+I 1 x
+I 2 y
+I 3 null

== changelog s
+I 3 y
+I 4 null

== final s
3 y
4 null
