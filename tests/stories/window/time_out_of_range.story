# Rows beyond all times that windows can have are dropped, as those without a time are; windows end nowhere else.
batch: no

== sql
CREATE TABLE t (k STRING, ms BIGINT, ts AS TO_TIMESTAMP_LTZ(ms, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, window_start TIMESTAMP(3), n BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, window_start, COUNT(*) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end;

== input t
+I a 1000
+I least -9223372036854775807
+I b 7000
+I c 8000
+I most 9223372036854775806

== final s
a 1969-12-31T23:59:55 1
a 1970-01-01T00:00:00 1
b 1970-01-01T00:00:00 1
b 1970-01-01T00:00:05 1
c 1970-01-01T00:00:00 1
c 1970-01-01T00:00:05 1
