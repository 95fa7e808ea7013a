# A NULL for a NOT NULL column fails the job, and the error names the column.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING NOT NULL, x INT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, x FROM t;

== input t
+I a 1
+I null 2

== error
column 'k' is NOT NULL, but a NULL is being written into it, while evaluating `NOT_NULL(k)`; filter the NULLs out, or give a value in their place with COALESCE
