# A group that is closed is open: nothing closes what the engine puts around a pattern.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (x BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT x SIMILAR TO 'a)|(b' FROM t;

== input t
+I a

== error
'a)|(b' is not a regular expression that is understood: unmatched closing ')', in SIMILAR TO, while evaluating `SIMILAR TO(x, a)|(b, )`
