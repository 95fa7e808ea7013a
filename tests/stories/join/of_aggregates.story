# A join of two aggregations, both updating.
# Recorded with Flink 2.3.

== sql
CREATE TABLE a (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE b (k STRING, y INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, sx INT, sy INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT p.k, p.sx, q.sy
FROM (SELECT k, SUM(x) AS sx FROM a GROUP BY k) AS p
JOIN (SELECT k, SUM(y) AS sy FROM b GROUP BY k) AS q ON p.k = q.k;

== input a
+I u 1
+I v 2

== input b
+I u 10
+I u 20

== input a
+I u 5

== input b
+I v 7
+I w 8

== final s
u 6 30
v 2 7
