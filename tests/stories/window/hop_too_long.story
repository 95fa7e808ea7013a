# Ends of such windows would be beyond all times.

== sql
CREATE TABLE t (k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (n BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT COUNT(*) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '53375995583' DAY, INTERVAL '106751991166' DAY)) GROUP BY window_start, window_end;

== error
the windows HOP(size=[106751991166 d], slide=[53375995583 d]) are longer than 71,000 years (line 3, column 42)
