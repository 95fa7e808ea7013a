# What a match is replaced by stands as it is: `$1` and `\1` are no groups, as in Flink 2.3.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (literal STRING, plain STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT REGEXP_REPLACE(x, '(o+)(x)?', '[$1\1$0]'), REGEXP_REPLACE(x, 'o|ar', '-') FROM t;

== input t
+I foobar
+I fox
+I is

== final s
f[$1\1$0] f-x
f[$1\1$0]bar f--b-
is is
