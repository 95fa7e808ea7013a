# ON CONFLICT is for tables that take updates by key. Flink 2.3 refuses it elsewhere, too.

== sql
CREATE TABLE t (k STRING) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*) FROM t GROUP BY k ON CONFLICT DO DEDUPLICATE;

== error
table 's' does not take updates by key, so no rows meet there (line 3, column 13); leave ON CONFLICT out
