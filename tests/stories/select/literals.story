# Literals and their types; dates and times.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (a INT) WITH ('connector' = 'script');
CREATE TABLE s (a INT, txt STRING, amount DECIMAL(4, 2), d DATE, ts TIMESTAMP(3), yes BOOLEAN, nothing STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT a, 'it''s', 12.34, DATE '2024-02-29', TIMESTAMP '2024-02-29 12:30:00.123', TRUE, CAST(NULL AS STRING) FROM t;

== input t
+I 1

== changelog s
+I 1 it's 12.34 2024-02-29 2024-02-29T12:30:00.123 true null

== final s
1 it's 12.34 2024-02-29 2024-02-29T12:30:00.123 true null
