# Where one side of a UNION ALL is no time attribute, neither is the union.

== sql
CREATE TABLE a (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE b (x INT, ts TIMESTAMP(3)) WITH ('connector' = 'script');
CREATE TABLE s (begins TIMESTAMP(3), total INT) WITH ('connector' = 'script');
INSERT INTO s SELECT window_start, SUM(x)
FROM TABLE(TUMBLE((SELECT x, ts FROM a UNION ALL SELECT x, ts FROM b), DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY window_start, window_end;

== error
a window wants a time attribute, and 'ts' is none (line 5, column 83); declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()
