# A TIMESTAMP has no watermark that is an instant. Flink refuses it too.

== sql
CREATE TABLE t (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS CAST(ts AS TIMESTAMP_LTZ(3))) WITH ('connector' = 'script');
CREATE TABLE s (x INT) WITH ('connector' = 'script');
INSERT INTO s SELECT x FROM t;

== error
the watermark of 'ts' is TIMESTAMP_LTZ(3), and its column TIMESTAMP(3) (line 1, column 66)
