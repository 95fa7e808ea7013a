# A join of rows by their windows would leave out late rows.

== sql
CREATE TABLE l (k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE r (k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (a STRING, b STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT a.k, b.k
FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '5' SECOND)) a
JOIN TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '5' SECOND)) b
ON a.window_start = b.window_start AND a.window_end = b.window_end;

== error
a join on window_start and window_end of rows is not supported in a stream; aggregate both sides by their windows first, or join on other columns
