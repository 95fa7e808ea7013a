# Where rows are replaced by their key nothing is taken back, and the value may be another every time.
# Not Flink's: a table's key is NOT NULL, and the recorder leaves out what a sink does.

== sql
CREATE TABLE t (k STRING) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT, seen BOOLEAN, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*), CURRENT_TIMESTAMP IS NOT NULL FROM t GROUP BY k;

== input t
+I a
+I a

== final s
a 2 true
