# Arithmetic, CASE and text functions over each row; NULL in, NULL out.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT, b BIGINT, c DOUBLE, d STRING) WITH ('connector' = 'script');
CREATE TABLE s (sum_ab BIGINT, half INT, ratio DOUBLE, size STRING, shout STRING, len INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT a + b, a / 2, c / 4, CASE WHEN a > 10 THEN 'big' WHEN a > 1 THEN 'middle' ELSE 'small' END, UPPER(d) || '!', CHAR_LENGTH(d)
FROM t;

== input t
+I 7 10 1.0 abc
+I 11 -3 2.5 "a b"
+I null 1 null null
+I 1 null 0.0 ""

== changelog s
+I 17 3 0.25 middle ABC! 3
+I 8 5 0.625 big "A B!" 3
+I null null null small null null
+I null 0 0.0 small ! 0

== final s
17 3 0.25 middle ABC! 3
8 5 0.625 big "A B!" 3
null 0 0.0 small ! 0
null null null small null null
