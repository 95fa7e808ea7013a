# Keys may be expressions; NULL is a key like any other.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (name STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (letter STRING, parity INT, total INT) WITH ('connector' = 'script');
INSERT INTO s SELECT UPPER(SUBSTRING(name, 1, 1)), MOD(x, 2), SUM(x) FROM t GROUP BY UPPER(SUBSTRING(name, 1, 1)), MOD(x, 2);

== input t
+I anna 1
+I Abe 3
+I null 2
+I bob 4
+I null 6

== changelog s
+I A 1 1
-U A 1 1
+U A 1 4
+I null 0 2
+I B 0 4
-U null 0 2
+U null 0 8

== final s
A 1 4
B 0 4
null 0 8
