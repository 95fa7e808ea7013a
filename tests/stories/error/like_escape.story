# An escape character that escapes nothing.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
SELECT x LIKE 'a!b' ESCAPE '!' FROM t;

== error
the pattern 'a!b' escapes nothing with its '!' (line 2, column 8); only %, _ and the escape character itself can be escaped
