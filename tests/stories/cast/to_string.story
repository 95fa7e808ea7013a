# Casts to STRING, in Flink's text form.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (i INT, d DOUBLE, c DECIMAL(10, 3), b BOOLEAN, dt DATE, ts TIMESTAMP(3)) WITH ('connector' = 'script');
CREATE TABLE s (i STRING, d STRING, c STRING, b STRING, dt STRING, ts STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT CAST(i AS STRING), CAST(d AS STRING), CAST(c AS STRING), CAST(b AS STRING), CAST(dt AS STRING), CAST(ts AS STRING) FROM t;

== input t
+I 42 1.5 1.250 true 2024-02-29 "2024-02-29 12:00:00.5"
+I -1 1e10 -0.001 false 1969-12-31 "1969-12-31 23:59:59"
+I null null null null null null
+I 0 100.0 0 true 0001-01-01 "2024-02-29 12:00:00.123"

== changelog s
+I 42 1.5 1.250 TRUE 2024-02-29 "2024-02-29 12:00:00.500"
+I -1 1.0E10 -0.001 FALSE 1969-12-31 "1969-12-31 23:59:59.000"
+I null null null null null null
+I 0 100.0 0.000 TRUE 0001-01-01 "2024-02-29 12:00:00.123"

== final s
-1 1.0E10 -0.001 FALSE 1969-12-31 "1969-12-31 23:59:59.000"
0 100.0 0.000 TRUE 0001-01-01 "2024-02-29 12:00:00.123"
42 1.5 1.250 TRUE 2024-02-29 "2024-02-29 12:00:00.500"
null null null null null null
