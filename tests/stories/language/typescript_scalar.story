# Not Flink's: the functions are components.
# Scalar functions of a package in TypeScript: by row, over columns, of values that hold others; a row that fails is NULL.

== sql
CREATE FUNCTION add_columns LANGUAGE WASM USING COMPONENT 'tests/functions/same/typescript/same.wasm';
CREATE FUNCTION my_reverse AS 'reverse' LANGUAGE WASM USING COMPONENT 'tests/functions/same/typescript/same.wasm';
CREATE FUNCTION add_amounts LANGUAGE WASM USING COMPONENT 'tests/functions/same/typescript/same.wasm';
CREATE FUNCTION later LANGUAGE WASM USING COMPONENT 'tests/functions/same/typescript/same.wasm';
CREATE FUNCTION root LANGUAGE WASM USING COMPONENT 'tests/functions/same/typescript/same.wasm' WITH ('on-error' = 'null');

CREATE TABLE t (a BIGINT, b BIGINT, x DOUBLE, text STRING, price DECIMAL(38, 4), at TIMESTAMP(3)) WITH ('connector' = 'script');
CREATE TABLE s (total BIGINT, x DOUBLE, text STRING, price DECIMAL(38, 4), at TIMESTAMP(3)) WITH ('connector' = 'script');
INSERT INTO s SELECT add_columns(a, b), root(x), my_reverse(text), add_amounts(price, price), later(at, a) FROM t;

== input t
+I 1 2 6.25 "to be" 1.2500 "2024-02-28 23:59:59.999"
+I null 2 -1 null null "2024-01-01 00:00:00"
+I -5 7 0 "ö😀" -99999999999999999999999999.9999 "1969-12-31 23:59:59.999"

== final s
2 0.0 😀ö -199999999999999999999999999.9998 1969-12-31T23:59:59.994
3 2.5 "eb ot" 2.5000 2024-02-29T00:00:00
null null null null null
