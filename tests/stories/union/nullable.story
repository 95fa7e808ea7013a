# One input of the union is never NULL, the other may be.

== sql
CREATE TABLE m (s STRING) WITH ('connector' = 'script');
CREATE TABLE d (s STRING) WITH ('connector' = 'script');
CREATE TABLE o (s STRING, x STRING) WITH ('connector' = 'script');
INSERT INTO o SELECT a.s, d.s FROM (SELECT 'x' AS s FROM m UNION ALL SELECT s FROM m) a JOIN d ON a.s = d.s;

== input d
+I x

== input m
+I null
+I y
+I x

== final o
x x
x x
x x
x x
