# As with an aggregation: no row with a time that windows cannot have, and no end to the others.
batch: no

== sql
CREATE TABLE t (k STRING, ms BIGINT, ts AS TO_TIMESTAMP_LTZ(ms, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, window_start TIMESTAMP(3)) WITH ('connector' = 'script');
INSERT INTO s SELECT k, window_start FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND));

== input t
+I a 1000
+I least -9223372036854775807
+I most 9223372036854775806

== final s
a 1969-12-31T23:59:55
a 1970-01-01T00:00:00
