# A bracket is closed.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (x BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT x SIMILAR TO '[a' FROM t;

== input t
+I a

== error
'[a' is not a pattern of SIMILAR TO: a bracket is not closed, in SIMILAR TO, while evaluating `SIMILAR TO(x, [a, )`
