# Rows that are made one of several cannot be sorted by what differed between them.

== sql
SET 'execution.runtime-mode' = 'batch';
SELECT DISTINCT k
FROM (VALUES ('x', 3), ('y', 1), ('x', 2)) AS t(k, a) ORDER BY k, a;

== error
SELECT DISTINCT is sorted by what is not in its list (line 3, column 67)
