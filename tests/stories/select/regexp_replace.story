# Groups in what a match is replaced by; one that took no part in the match is empty.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (groups_of STRING, plain STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT REGEXP_REPLACE(x, '(o+)(x)?', '[$1$2$0]'), REGEXP_REPLACE(x, 'o|ar', '-') FROM t;

== input t
+I foobar
+I fox
+I is

== final s
f[oooo]bar f--b-
f[oxox] f-x
is is
