# A name that two tables have.

== sql
CREATE TABLE a (k INT) WITH ('connector' = 'script');
CREATE TABLE b (k INT) WITH ('connector' = 'script');
CREATE TABLE s (k INT) WITH ('connector' = 'script');
INSERT INTO s SELECT k FROM a JOIN b ON a.k = b.k;

== error
column 'k' is ambiguous (line 4, column 22); put the table's name or alias in front
