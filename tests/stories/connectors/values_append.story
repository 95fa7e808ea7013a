# Rows that are no inserts are no append-only table.

== sql
CREATE TABLE t (id INT) WITH ('connector' = 'values', 'changelog-mode' = 'append', 'rows' = '+I 1
-D 1');
SELECT * FROM t;

== error
option 'changelog-mode' = 'append', and some of 'rows' are no inserts (line 1, column 55), in table `t`; say 'upsert' or 'retract', or leave the option out
