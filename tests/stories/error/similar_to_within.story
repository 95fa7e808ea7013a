# What is special outside brackets is escaped within.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (x BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT x SIMILAR TO '[a*]' FROM t;

== input t
+I a

== error
'[a*]' is not a pattern of SIMILAR TO: '*' within brackets must be escaped, in SIMILAR TO, while evaluating `SIMILAR TO(x, [a*], )`; name the escape character by ESCAPE
