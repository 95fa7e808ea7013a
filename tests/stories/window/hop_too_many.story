# A row in millions of windows would keep the job busy for ever.

== sql
CREATE TABLE t (k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (n BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT COUNT(*) FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '0.001' SECOND, INTERVAL '1' DAY)) GROUP BY window_start, window_end;

== error
each row would be in 86400000 of the windows HOP(size=[1 d], slide=[1 ms]), more than 100000 (line 3, column 42); make the slide longer
