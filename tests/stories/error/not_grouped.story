# A column that is neither a key nor inside an aggregate.

== sql
CREATE TABLE t (a INT, b INT) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b INT) WITH ('connector' = 'script');
INSERT INTO s SELECT a, b FROM t GROUP BY a;

== error
column 'b' is not being grouped (line 3, column 25); put it into GROUP BY, or into an aggregate
