# What is computed of a row time is none.

== sql
CREATE TABLE t (k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, n BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, COUNT(*) FROM t GROUP BY k, TUMBLE(ts + INTERVAL '1' SECOND, INTERVAL '10' SECOND);

== error
a window wants a time attribute, and 'ts + INTERVAL '1' SECOND' is none (line 3, column 60); declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()
