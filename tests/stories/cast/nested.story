# Rows, lists and maps to others of the same shape, value by value; the fields of rows by their places.

== sql
CREATE TABLE t (i INT, v STRING) WITH ('connector' = 'script');
CREATE TABLE s (r ROW<x BIGINT, y STRING>, l ARRAY<ROW<x INT, y INT>>, m MAP<STRING, BIGINT>) WITH ('connector' = 'script');
INSERT INTO s SELECT ROW(i, v), CAST(ARRAY[ROW(v, i)] AS ARRAY<ROW<a INT, b INT>>), MAP[v, i] FROM t;

== input t
+I 1 7
+I null 8

== final s
"{x: 1, y: 7}" "[{x: 7, y: 1}]" "{7: 1}"
"{x: null, y: 8}" "[{x: 8, y: null}]" "{8: null}"
