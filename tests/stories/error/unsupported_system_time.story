# What is parsed but not supported is refused with its place: temporal joins.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE u (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s
SELECT t.a, u.b FROM t
JOIN u FOR SYSTEM_TIME AS OF t.a ON t.a = u.a;

== error
`FOR SYSTEM_TIME AS OF t.a` is not supported (line 6, column 6)
