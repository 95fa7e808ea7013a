# So may rows of a query that is never updated.
# Flink 2.3 refuses it too.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, x INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, x FROM t;

== error
several rows of the query may meet at one PRIMARY KEY (k) of table 's': the query has no key (line 3, column 13); give the table the key of the query, or say ON CONFLICT DO DEDUPLICATE: then the last row stands
