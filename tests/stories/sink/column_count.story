# A query with another number of columns than its sink.

== sql
CREATE TABLE t (k STRING) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k FROM t;

== error
the query's columns do not fit table 's': it gives 1 columns, and the table takes 2 (line 3, column 13); the query gives (k STRING), the table takes (k STRING, cnt BIGINT)
