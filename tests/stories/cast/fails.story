# A text that cannot be cast fails the job; TRY_CAST would give NULL.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (i INT) WITH ('connector' = 'script');
INSERT INTO s SELECT CAST(x AS INT) FROM t;

== input t
+I 12
+I twelve

== error
cannot cast 'twelve' to INT, while evaluating `CAST(x)`
