# IN, BETWEEN, LIKE, IS NULL, IS DISTINCT FROM, NOT.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, in_list BOOLEAN, betw BOOLEAN, lik BOOLEAN, nul BOOLEAN, dist BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT a, a IN (1, 3, 5), a BETWEEN 2 AND 4, b LIKE '%b_', b IS NULL, b IS DISTINCT FROM 'abc' FROM t;

== input t
+I 1 abc
+I 2 ab
+I 3 null
+I null xbx

== changelog s
+I 1 true false true false false
+I 2 false true false false true
+I 3 true true null true true
+I null null null true false true

== final s
1 true false true false false
2 false true false false true
3 true true null true true
null null null true false true
