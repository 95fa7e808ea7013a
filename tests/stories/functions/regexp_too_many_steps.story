# A pattern with a back reference is tried in all ways; one with too many of them fails, rather than to run for years.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (b BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT REGEXP(x, '^(a|a)+\1c$') FROM t;

== input t
+I aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab

== error
to look for the regular expression '^(a|a)+\1c$' takes too many steps (Max limit for backtracking count exceeded), in REGEXP, while evaluating `REGEXP(x, ^(a|a)+\1c$)`; a pattern without nested repetitions takes fewer
