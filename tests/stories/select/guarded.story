# Flink's: what AND, OR, IF and CASE guard is not computed for the rows that they rule out, however rows come in batches.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (what STRING, a INT, x STRING) WITH ('connector' = 'script');
CREATE VIEW clean AS SELECT * FROM t WHERE b <> 'x';
INSERT INTO s
SELECT 'and', a, b FROM t WHERE a <> 2 AND 1 / (a - 2) < 5
UNION ALL SELECT 'or', a, b FROM t WHERE a = 2 OR 1 / (a - 2) < 5
UNION ALL SELECT 'cast', a, b FROM t WHERE b <> 'x' AND CAST(b AS INT) > 5
UNION ALL SELECT 'view', a, b FROM clean WHERE CAST(b AS INT) > 5
UNION ALL SELECT 'function', a, b FROM t WHERE UPPER(b) <> 'X' AND 1 / (a - 2) < 5
UNION ALL SELECT 'if', a, CAST(IF(a = 2, 0, 1 / (a - 2)) AS STRING) FROM t
UNION ALL SELECT 'case', a, CASE WHEN a <> 2 AND 1 / (a - 2) < 5 THEN 'y' ELSE 'n' END FROM t
UNION ALL SELECT 'value', a, CAST(a <> 2 AND 1 / (a - 2) < 0 AS STRING) FROM t
UNION ALL SELECT 'not', a, b FROM t WHERE NOT (a = 2 OR 1 / (a - 2) > 0);

== input t
+I 2 x
+I 1 17
+I 3 4
+I null null

== final s
and 1 17
and 3 4
case 1 y
case 2 n
case 3 y
case null n
cast 1 17
function 1 17
function 3 4
if 1 -1
if 2 0
if 3 1
if null null
not 1 17
or 1 17
or 2 x
or 3 4
value 1 TRUE
value 2 FALSE
value 3 FALSE
value null null
view 1 17
