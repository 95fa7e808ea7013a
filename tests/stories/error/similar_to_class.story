# Classes have names that are known.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (x BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT x SIMILAR TO '[[:FOO:]]' FROM t;

== input t
+I a

== error
'[[:FOO:]]' is not a pattern of SIMILAR TO: '[' within brackets begins no class such as [:ALPHA:], in SIMILAR TO, while evaluating `SIMILAR TO(x, [[:FOO:]], )`
