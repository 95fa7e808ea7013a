# -0.0 and 0.0 are one key. It is written in one way, so that what is taken back is found.

== sql
SET 'table.exec.mini-batch.size' = '1';
CREATE TABLE t (d DOUBLE) WITH ('connector' = 'script');
CREATE TABLE o (d DOUBLE, n BIGINT, v INT) WITH ('connector' = 'script', 'sink.changelog-mode' = 'retract');
CREATE TABLE r (d DOUBLE, v INT) WITH ('connector' = 'script');
INSERT INTO o SELECT g.d, g.n, r.v FROM (SELECT d, COUNT(*) AS n FROM t GROUP BY d) g JOIN r ON g.d = r.d;

== input r
+I 0.0 1

== input t
+I -0.0

== input t
+I 0.0
+I 0.0

== final o
0.0 3 1
