# What is parsed but not supported is refused with its place: subqueries in conditions.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE u (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s
SELECT a, b FROM t
WHERE a IN (SELECT a FROM u);

== error
a subquery in an expression is not supported (line 6, column 7)
