# There is no number below 0.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (i INT) WITH ('connector' = 'script');
INSERT INTO s SELECT RAND_INTEGER(x) FROM t;

== input t
+I 3
+I 0

== error
the bound 0 is not positive, in RAND_INTEGER, while evaluating `RAND_INTEGER(x)`
