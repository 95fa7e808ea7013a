# An updating query whose key is not within the sink's: which of the rows that meet at one key should stand?
# Flink 2.3 refuses it too.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT, PRIMARY KEY (cnt) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*) FROM t GROUP BY k;

== error
several rows of the query may meet at one PRIMARY KEY (cnt) of table 's': the query is unique by (k) (line 3, column 13); give the table the key of the query, or say ON CONFLICT DO DEDUPLICATE: then the last row stands
