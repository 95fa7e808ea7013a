# What gives another value every time is computed once where a query names it, whoever reads it: a filter above, an
# aggregate, a condition that decides over a function.

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';
CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (what STRING, n BIGINT) WITH ('connector' = 'script');
CREATE VIEW r AS SELECT x, RAND() AS a FROM t;
INSERT INTO s
SELECT 'filter', SUM(CASE WHEN a <= 0.5 AND x <> 5 THEN 1 ELSE 0 END) FROM r WHERE a > 0.5 OR x = 5
UNION ALL SELECT 'equal', COUNT(*) FROM (SELECT UUID() AS a FROM t) AS u WHERE LOWER(a) = a
UNION ALL SELECT 'aggregates', SUM(CASE WHEN one = -other THEN 0 ELSE 1 END) FROM (SELECT SUM(a) AS one, SUM(-a) AS other FROM r) AS u
UNION ALL SELECT 'case', SUM(CASE WHEN y IS NULL THEN 1 ELSE 0 END) FROM (SELECT CASE WHEN RAND() < 0.5 THEN positive(x) ELSE positive(x + 1) END AS y FROM t) AS u
UNION ALL SELECT 'and', SUM(CASE WHEN y IS NULL THEN 1 ELSE 0 END) FROM (SELECT RAND() < 0.5 AND positive(x) >= 0 AS y FROM t) AS u;

== input t
+I 1 5
+I 2 1
+I 3 7
+I 4 3
+I 5 6
+I 6 2
+I 7 3
+I 8 4
+I 9 8
+I 10 9

== final s
aggregates 0
and 0
case 0
equal 10
filter 0
