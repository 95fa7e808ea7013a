# A column that does not cast to the sink's by itself.

== sql
CREATE TABLE t (k STRING) WITH ('connector' = 'script');
CREATE TABLE s (k INT) WITH ('connector' = 'script');
INSERT INTO s SELECT k FROM t;

== error
the query's columns do not fit table 's': column 'k' is INT, and 'k' of the query is STRING (line 3, column 13); the query gives (k STRING), the table takes (k INT)
