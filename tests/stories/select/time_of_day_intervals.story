# A time of day and an interval: what is beyond midnight begins a day anew, and months change nothing.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (x TIME) WITH ('connector' = 'script');
CREATE TABLE s (x TIME, a STRING, b STRING, c STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT x, CAST(x + INTERVAL '1' HOUR AS STRING), CAST(x - INTERVAL '23' HOUR AS STRING),
  CAST(INTERVAL '2' MONTH + x AS STRING) FROM t;

== input t
+I 23:30:00
+I 00:30:00

== changelog s
+I 23:30:00 00:30:00 00:30:00 23:30:00
+I 00:30:00 01:30:00 01:30:00 00:30:00
