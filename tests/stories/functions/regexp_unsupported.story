# What Java takes and is not supported here is an error, not a NULL.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (b STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT REGEXP_SUBSTR(x, '\X') FROM t;

== input t
+I a

== error
the regular expression '\X' is not supported: `\X`, in REGEXP_SUBSTR, while evaluating `REGEXP_SUBSTR(x, \X)`
