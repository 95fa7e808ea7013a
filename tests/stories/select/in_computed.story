# Lists of IN whose items are computed, NULLs among them.

== sql
CREATE TABLE v (id BIGINT, g BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (id BIGINT, a BOOLEAN, b BOOLEAN, c BOOLEAN, d BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT id,
  id + 0 IN (CASE WHEN g = 3 THEN 8 ELSE g END, 4),
  id IN (CASE WHEN g = 3 THEN NULL ELSE g END, 14, 15, 16, 17, 19),
  id + 0 NOT IN (CASE WHEN g > 3 THEN 8 ELSE g END, 44),
  id IN (g, g + 1)
FROM v;

== input v
+I 0 0
+I 1 1
+I 4 7
+I 5 3

== final s
0 true true false true
1 true true false true
4 true false true false
5 false null true false
