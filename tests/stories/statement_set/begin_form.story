# The older form, of the same meaning.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
BEGIN STATEMENT SET;
INSERT INTO big SELECT k, x FROM t WHERE x > 10;
INSERT INTO counts SELECT k, COUNT(*) FROM t GROUP BY k;
END;

== input t
+I a 5
+I b 50
+I a 100

== final big
a 100
b 50

== final counts
a 2
b 1
