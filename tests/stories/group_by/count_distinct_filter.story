# FILTER on aggregates, with DISTINCT and without, several in one query.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, u STRING, kind STRING) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, buys BIGINT, buyers BIGINT, users BIGINT) WITH ('connector' = 'script');
INSERT INTO s
SELECT k, COUNT(*) FILTER (WHERE kind = 'buy'), COUNT(DISTINCT u) FILTER (WHERE kind = 'buy'), COUNT(DISTINCT u)
FROM t GROUP BY k;

== input t
+I a u1 pv
+I a u1 buy
+I a u2 pv
+I a u1 buy
+I a u3 null
+I b u9 buy

== changelog s
+I a 0 0 1
-U a 0 0 1
+U a 1 1 1
-U a 1 1 1
+U a 1 1 2
-U a 1 1 2
+U a 2 1 2
-U a 2 1 2
+U a 2 1 3
+I b 1 1 1

== final s
a 2 1 3
b 1 1 1
