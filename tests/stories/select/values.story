# Rows that stand in the statement.
# Recorded with Flink 2.3.

== sql
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s VALUES (1, 'x'), (2, CAST(NULL AS STRING)), (1 + 2, UPPER('z'));

== final s
1 x
2 null
3 Z
