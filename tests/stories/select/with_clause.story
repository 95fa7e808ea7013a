# WITH names a query; used twice, it is read twice.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT) WITH ('connector' = 'script');
CREATE TABLE s (a INT, kind STRING) WITH ('connector' = 'script');
INSERT INTO s WITH small AS (SELECT a FROM t WHERE a < 3) SELECT a, 'one' FROM small UNION ALL SELECT a * 10, 'ten' FROM small;

== input t
+I 1
+I 2
+I 5

== final s
1 one
10 ten
2 one
20 ten
