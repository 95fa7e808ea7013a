# As with an aggregation: no row with a time that windows cannot have, and no end to the others.
batch: no

== sql
CREATE TABLE t (k STRING, seen TIMESTAMP(3), ts AS CASE k WHEN 'least' THEN seen - INTERVAL '90000000' DAY WHEN 'most' THEN seen + INTERVAL '90000000' DAY ELSE seen END, WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, window_start TIMESTAMP(3)) WITH ('connector' = 'script');
INSERT INTO s SELECT k, window_start FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND));

== input t
+I a 1970-01-01T00:00:01
+I least 1970-01-01T00:00:00
+I most 1970-01-01T00:00:00

== final s
a 1969-12-31T23:59:55
a 1970-01-01T00:00:00
