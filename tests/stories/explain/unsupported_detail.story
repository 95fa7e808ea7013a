# Details of plans that there are not.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
EXPLAIN ESTIMATED_COST SELECT k FROM t;

== error
expected CHANGELOG_MODE or a statement: other details are not supported, found ESTIMATED_COST (line 4, column 9)
