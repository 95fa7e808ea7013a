# Java's division: the least number by -1 is itself again, and leaves no rest.

== sql
CREATE TABLE t (a BIGINT, b BIGINT, c TINYINT) WITH ('connector' = 'script');
CREATE TABLE s (a BIGINT, b BIGINT, c BIGINT, d BIGINT, e INT, f BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT a / b, a % b, a / -1, a % 7, c / CAST(-1 AS TINYINT), 7 / b FROM t;

== input t
+I -9223372036854775808 -1 -128
+I 17 -5 100
+I null 3 null

== final s
-3 2 -17 3 -100 -1
-9223372036854775808 0 -9223372036854775808 -1 -128 -7
null null null null null 2
