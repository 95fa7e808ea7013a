# What cannot be merged has the rows of a window in the order in which they came, however they came.
# Not Flink's: its HOP takes no FIRST_VALUE and LAST_VALUE, and puts LISTAGG together slice by slice.
sizes: yes

== sql
CREATE TABLE t (k STRING, x INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, window_start TIMESTAMP(3), f INT, l INT, li STRING, di STRING, n BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, window_start, FIRST_VALUE(x), LAST_VALUE(x), LISTAGG(CAST(x AS STRING)), LISTAGG(DISTINCT CAST(x AS STRING)), COUNT(*)
FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end;

== input t
+I a 1 "2024-01-01 00:00:01"
+I a 2 "2024-01-01 00:00:06"
+I a 3 "2024-01-01 00:00:04"
+I b 4 "2024-01-01 00:00:03"
+I a 3 "2024-01-01 00:00:02"
+I b 6 "2024-01-01 00:00:08"
+I b 7 "2024-01-01 00:00:05"

== final s
a 2023-12-31T23:59:55 1 3 1,3,3 1,3 3
a 2024-01-01T00:00:00 1 3 1,2,3,3 1,2,3 4
a 2024-01-01T00:00:05 2 2 2 2 1
b 2023-12-31T23:59:55 4 4 4 4 1
b 2024-01-01T00:00:00 4 7 4,6,7 4,6,7 3
b 2024-01-01T00:00:05 6 7 6,7 6,7 2
