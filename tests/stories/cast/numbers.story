# Casts between numbers: fractions are cut off, decimals rounded to the scale.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (d DOUBLE, c DECIMAL(10, 3), i BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (di INT, ci INT, cd DECIMAL(6, 1), small TINYINT, f DOUBLE) WITH ('connector' = 'script');
INSERT INTO s SELECT CAST(d AS INT), CAST(c AS INT), CAST(c AS DECIMAL(6, 1)), CAST(i AS TINYINT), CAST(i AS DOUBLE) / 4 FROM t;

== input t
+I 1.9 2.950 5
+I -1.9 -2.949 -5
+I 0.5 0.050 127

== changelog s
+I 1 2 3.0 5 1.25
+I -1 -2 -2.9 -5 -1.25
+I 0 0 0.1 127 31.75

== final s
-1 -2 -2.9 -5 -1.25
0 0 0.1 127 31.75
1 2 3.0 5 1.25
