# Not Flink's: the source of functions stands in the SQL.
# A function takes the place of another, in another language; IF NOT EXISTS leaves the one that is there.

== sql
CREATE FUNCTION half(x DOUBLE) RETURNS DOUBLE LANGUAGE PYTHON AS 'x / 2';
CREATE OR REPLACE FUNCTION half(x DOUBLE) RETURNS STRING LANGUAGE JAVASCRIPT AS '`${x / 2}!`';
CREATE TEMPORARY FUNCTION IF NOT EXISTS half(x DOUBLE) RETURNS DOUBLE LANGUAGE PYTHON AS 'x / 4';

CREATE TABLE t (x DOUBLE) WITH ('connector' = 'script');
CREATE TABLE s (x STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT half(x) FROM t;

== input t
+I 3.0

== final s
1.5!
