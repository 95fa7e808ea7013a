# Casts from text; TRY_CAST gives NULL where the text cannot be read.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (i INT, d DOUBLE, b BOOLEAN, dt DATE) WITH ('connector' = 'script');
INSERT INTO s SELECT TRY_CAST(x AS INT), TRY_CAST(x AS DOUBLE), TRY_CAST(x AS BOOLEAN), TRY_CAST(x AS DATE) FROM t;

== input t
+I 12
+I " 7 "
+I 1.5
+I true
+I 2024-02-29
+I nonsense
+I null
+I 99999999999

== changelog s
+I 12 12.0 null 0012-01-01
+I 7 7.0 null 0007-01-01
+I 1 1.5 null null
+I null null true null
+I null null null 2024-02-29
+I null null null null
+I null null null null
+I null 99999999999.0 null null

== final s
1 1.5 null null
12 12.0 null 0012-01-01
7 7.0 null 0007-01-01
null 99999999999.0 null null
null null null 2024-02-29
null null null null
null null null null
null null true null
