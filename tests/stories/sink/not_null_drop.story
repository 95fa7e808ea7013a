# Rows with a NULL for a NOT NULL column may be dropped instead.
# Not Flink's recorder: it leaves out what a sink does.

== sql
SET 'table.exec.sink.not-null-enforcer' = 'drop';
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING NOT NULL, x INT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, x FROM t;

== input t
+I a 1
+I null 2
+I b null

== final s
a 1
b null
