# A row whose compared column changes moves to another subtask of the join, and keeps its key in the sink.

== sql
CREATE TABLE t (id STRING, k INT) WITH ('connector' = 'script');
CREATE TABLE d (k INT, name STRING) WITH ('connector' = 'script');
CREATE TABLE s (id STRING, k INT, cnt BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT l.id, l.k, r.cnt FROM (SELECT id, MAX(k) AS k FROM t GROUP BY id) l
  JOIN (SELECT k, COUNT(*) AS cnt FROM d GROUP BY k) r ON l.k = r.k;

== input d
+I 1 one
+I 2 two
+I 3 three

== input t
+I a 1
+I b 1
+I c 1
+I a 2
+I b 3
+I a 3
+I c 2

== final s
a 3 1
b 3 1
c 2 1
