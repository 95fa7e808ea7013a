# Rows beyond all times that windows can have are dropped; windows end nowhere else.
batch: no

== sql
CREATE TABLE t (k STRING, seen TIMESTAMP(3), ts AS CASE k WHEN 'least' THEN seen - INTERVAL '90000000' DAY WHEN 'most' THEN seen + INTERVAL '90000000' DAY ELSE seen END, WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, window_start TIMESTAMP(3), n BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, window_start, COUNT(*) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end;

== input t
+I a 1970-01-01T00:00:01
+I least 1970-01-01T00:00:00
+I b 1970-01-01T00:00:07
+I c 1970-01-01T00:00:08
+I most 1970-01-01T00:00:00

== final s
a 1969-12-31T23:59:55 1
a 1970-01-01T00:00:00 1
b 1970-01-01T00:00:00 1
b 1970-01-01T00:00:05 1
c 1970-01-01T00:00:00 1
c 1970-01-01T00:00:05 1
