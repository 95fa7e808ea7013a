# Of the rows that meet at one key the last stands; where it is taken back, the one before it.
# Not Flink's recorder: it leaves out what a sink does. Checked by hand with Flink 2.3.
batch: no

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT, PRIMARY KEY (cnt) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*) FROM t GROUP BY k ON CONFLICT DO DEDUPLICATE;

== input t
+I a 1
+I b 2
+I a 3
+I c 4
+I c 5

== changelog s
+I a 1
+U b 1
+I a 2
+U c 1
+U b 1
+U c 2

== final s
b 1
c 2
