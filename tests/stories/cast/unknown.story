# A cast that there is not.

== sql
CREATE TABLE t (x BOOLEAN) WITH ('connector' = 'script');
CREATE TABLE s (d DATE) WITH ('connector' = 'script');
INSERT INTO s SELECT CAST(x AS DATE) FROM t;

== error
BOOLEAN cannot be cast to DATE (line 3, column 27)
