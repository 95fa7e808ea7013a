# A window over a column that is no time attribute.

== sql
CREATE TABLE t (a INT, ts TIMESTAMP(3)) WITH ('connector' = 'script');
CREATE TABLE s (w TIMESTAMP(3), cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT window_start, COUNT(*)
FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end;

== error
a window wants a time attribute, and 'ts' is none (line 4, column 39); declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()
