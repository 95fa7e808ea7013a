# The last row of a key replaces the one before.
# Not Flink's recorder: it leaves out what a sink does. Checked by hand with Flink 2.3.
parallel: no

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, x INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, x FROM t ON CONFLICT DO DEDUPLICATE;

== input t
+I a 1
+I b 2
+I a 3

== final s
a 3
b 2
