# What is escaped stands for itself, within brackets too.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (a BOOLEAN, b BOOLEAN, c BOOLEAN, d BOOLEAN, e BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT 'a%' SIMILAR TO 'a!%' ESCAPE '!', 'ab' SIMILAR TO 'a!%' ESCAPE '!', 'a!' SIMILAR TO 'a!!' ESCAPE '!',
  'a-b' SIMILAR TO 'a[!-]b' ESCAPE '!', 'a(' SIMILAR TO 'a!(' ESCAPE '!' FROM t;

== input t
+I 1

== changelog s
+I true false true true true
