# A group is closed.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (x BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT x SIMILAR TO '(a' FROM t;

== input t
+I a

== error
'(a' is not a regular expression that is understood: unclosed group, in SIMILAR TO, while evaluating `SIMILAR TO(x, (a, )`
