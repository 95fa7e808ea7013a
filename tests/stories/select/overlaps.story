# Periods that have a moment in common, their ends included; what is between is not looked at where one end is not known.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (s DATE, e DATE) WITH ('connector' = 'script');
CREATE TABLE o (s DATE, e DATE, a BOOLEAN, b BOOLEAN) WITH ('connector' = 'script');
INSERT INTO o SELECT s, e, (s, e) OVERLAPS (DATE '2020-02-01', DATE '2020-03-01'),
  (TIME '2:55:00', INTERVAL '1' HOUR) OVERLAPS (TIME '3:30:00', INTERVAL '2' HOUR)
  AND NOT (TIMESTAMP '2020-01-01 00:00:00', INTERVAL '1' DAY)
    OVERLAPS (TIMESTAMP '2020-01-02 00:00:01', TIMESTAMP '2020-01-03 00:00:00') FROM t;

== input t
+I 2020-01-01 2020-02-01
+I 2020-02-15 2020-02-01
+I 2020-01-01 null
+I null 2020-02-15
+I 2020-02-15 null

== changelog o
+I 2020-01-01 2020-02-01 true true
+I 2020-02-15 2020-02-01 true true
+I 2020-01-01 null false true
+I null 2020-02-15 null true
+I 2020-02-15 null null true
