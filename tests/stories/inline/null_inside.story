# A NULL within a list, where the function takes none, is an error of its row.

== sql
CREATE TABLE t (x BIGINT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (x BIGINT, n BIGINT) WITH ('connector' = 'script');
CREATE FUNCTION size(a ARRAY<BIGINT NOT NULL>) RETURNS BIGINT LANGUAGE PYTHON WITH ('on-error' = 'null') AS $$ len(a) $$;
INSERT INTO s SELECT x, size(ARRAY[x, y]) FROM t;

== input t
+I 1 2
+I 3 null
+I 4 5

== final s
1 2
3 null
4 2
