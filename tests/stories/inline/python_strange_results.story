# Whatever a function returns, it is the row's error, if it is none of the type.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (x INT, y BIGINT, z TIME) WITH ('connector' = 'script');
CREATE FUNCTION big(x INT) RETURNS BIGINT LANGUAGE PYTHON WITH ('on-error' = 'null') AS $$ 10 ** 5000 if x == 2 else x $$;
CREATE FUNCTION late(x INT) RETURNS TIME LANGUAGE JAVASCRIPT WITH ('on-error' = 'null') AS $$ x === 2 ? 86400000 : 5000 $$;
INSERT INTO s SELECT x, big(x), late(x) FROM t;

== input t
+I 1
+I 2
+I 3

== final s
1 1 00:00:05
2 null null
3 3 00:00:05
