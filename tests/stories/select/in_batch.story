# A SELECT in batch mode gives final rows.

== sql
SET 'execution.runtime-mode' = 'batch';
SELECT k, SUM(x) AS total FROM (VALUES ('a', 1), ('b', 2), ('a', 3)) AS t(k, x) GROUP BY k;

== output
+I a 4
+I b 2
