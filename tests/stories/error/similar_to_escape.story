# What needs no escape cannot be escaped.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (x BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT x SIMILAR TO 'a!b' ESCAPE '!' FROM t;

== input t
+I a

== error
'a!b' is not a pattern of SIMILAR TO: it escapes nothing with its '!', in SIMILAR TO, while evaluating `SIMILAR TO(x, a!b, !)`; what can be escaped is the escape character itself, and []()|^-+*_%?{}
