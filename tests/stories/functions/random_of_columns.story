# With a seed of each row, the first number that Java gives for it; as Flink's.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (x INT, r DOUBLE, i INT) WITH ('connector' = 'script');
INSERT INTO s SELECT x, RAND(x), RAND_INTEGER(x, 1000) FROM t;

== input t
+I 1
+I 2
+I 3
+I 4
+I null

== final s
1 0.7308781907032909 985
2 0.7311469360199058 108
3 0.731057369148862 734
4 0.7306094602878371 862
null null null
