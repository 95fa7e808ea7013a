# Rows without a time may be left out, below the window or beside it, or be given one.
# Not Flink's: it fails already where such rows pass the watermark.

== sql
CREATE TABLE t (x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE u (x INT, seen TIMESTAMP(3), ts AS COALESCE(seen, TIMESTAMP '2024-01-01 00:00:00'), WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE) WITH ('connector' = 'script');
CREATE TABLE beside (begins TIMESTAMP(3), n BIGINT) WITH ('connector' = 'script');
CREATE TABLE below (x INT, begins TIMESTAMP(3)) WITH ('connector' = 'script');
CREATE TABLE given (begins TIMESTAMP(3), n BIGINT) WITH ('connector' = 'script');
EXECUTE STATEMENT SET BEGIN
INSERT INTO beside SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) WHERE ts IS NOT NULL GROUP BY window_start, window_end;
INSERT INTO below SELECT x, window_start FROM TABLE(TUMBLE((SELECT x, ts FROM t WHERE ts IS NOT NULL), DESCRIPTOR(ts), INTERVAL '10' SECOND));
INSERT INTO given SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE u, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end;
END;

== input t
+I 1 "2024-01-01 00:00:01"
+I 2 null
+I 3 "2024-01-01 00:00:12"

== input u
+I 1 "2024-01-01 00:00:01"
+I 2 null
+I 3 "2024-01-01 00:00:12"

== final beside
2024-01-01T00:00:00 1
2024-01-01T00:00:10 1

== final below
1 2024-01-01T00:00:00
3 2024-01-01T00:00:10

== final given
2024-01-01T00:00:00 2
2024-01-01T00:00:10 1
