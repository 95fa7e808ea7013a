# A value that is another every time cannot be taken back.

== sql
CREATE TABLE t (k STRING) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT, id STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT k, cnt, UUID() FROM (SELECT k, COUNT(*) AS cnt FROM t GROUP BY k);

== error
function 'UUID' is not deterministic, and its input has updates: what it gave for a row could not be taken back; call it on an append-only stream, or write to a table with the PRIMARY KEY of the query
