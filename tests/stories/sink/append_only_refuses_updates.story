# An append-only sink refuses a query whose rows change, before anything runs.

== sql
CREATE TABLE t (k STRING) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
INSERT INTO s
SELECT k, COUNT(*) FROM t GROUP BY k;

== error
table 's' takes only inserts, and the query updates rows: it groups by (k) (line 3, column 13); write to a table of a connector that takes updates, with a PRIMARY KEY, or aggregate over windows
