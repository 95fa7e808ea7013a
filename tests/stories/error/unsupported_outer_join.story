# What is parsed but not supported is refused with its place: outer joins.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE u (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s
SELECT t.a, u.b FROM t
LEFT JOIN u ON t.a = u.a;

== error
LEFT JOIN is not supported (line 6, column 11)
