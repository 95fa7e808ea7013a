# A computed column stands where it was declared, and may be used like any other.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT, twice AS a * 2, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, twice INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT * FROM t WHERE twice > 2;

== input t
+I 1 x
+I 2 y

== changelog s
+I 2 4 y

== final s
2 4 y
