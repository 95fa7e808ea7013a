# Windows of processing time; the end of the input closes them.
# Not Flink's: it does not fire them at the end of the input.

== sql
CREATE TABLE t (k STRING, pt AS PROCTIME()) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*)
FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(pt), INTERVAL '10000' DAY)) GROUP BY window_start, window_end, k;

== input t
+I a
+I b
+I a

== final s
a 2
b 1
