# Types that an operator does not take.

== sql
CREATE TABLE t (a INT, b BOOLEAN) WITH ('connector' = 'script');
CREATE TABLE s (a INT) WITH ('connector' = 'script');
INSERT INTO s SELECT a + b FROM t;

== error
+ is not defined for INT and BOOLEAN (line 3, column 22)
