# Rounded to more digits before the point than there are, nothing is left; to more behind it, all.

== sql
CREATE TABLE t (c DECIMAL(3, 1), i BIGINT, d DOUBLE, digits INT) WITH ('connector' = 'script');
CREATE TABLE s (c DECIMAL(3, 1), i BIGINT, d DOUBLE) WITH ('connector' = 'script');
INSERT INTO s SELECT ROUND(c, digits), ROUND(i, digits), ROUND(d, digits) FROM t;

== input t
+I 1.5 15 1.5 -2147483648
+I 1.5 15 1.5 2147483647

== final s
0.0 0 0.0
1.5 15 1.5
