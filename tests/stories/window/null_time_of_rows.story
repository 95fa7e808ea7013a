# The same where the rows themselves are wanted.

== sql
CREATE TABLE t (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (x INT, begins TIMESTAMP(3)) WITH ('connector' = 'script');
INSERT INTO s SELECT x, window_start FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND));

== input t
+I 1 "2024-01-01 00:00:01"
+I 2 null

== error
a row has NULL in 'ts', by which it should fall in a window; leave such rows out by WHERE ts IS NOT NULL, or give them a time by COALESCE in a computed column
