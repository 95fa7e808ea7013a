# Both INSERTs write to one table.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
EXECUTE STATEMENT SET BEGIN
INSERT INTO big SELECT k, x FROM t WHERE x > 10;
INSERT INTO big SELECT k, -x FROM t;
END;

== input t
+I a 5
+I b 50

== final big
a -5
b -50
b 50
