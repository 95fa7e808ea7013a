# A row time of TIMESTAMP_LTZ: windows follow the session's time zone.
# Recorded with Flink 2.3.

== sql
SET 'table.local-time-zone' = 'Asia/Kolkata';
CREATE TABLE t (x INT, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (st STRING, en STRING, total INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT CAST(window_start AS STRING), CAST(window_end AS STRING), SUM(x)
FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR))
GROUP BY window_start, window_end;

== input t
+I 1 2024-01-01T00:00:00Z
+I 2 2024-01-01T00:29:59Z
+I 4 2024-01-01T00:30:00Z
+I 8 2024-01-01T01:45:00Z

== changelog s
+I "2024-01-01 05:00:00.000" "2024-01-01 06:00:00.000" 3
+I "2024-01-01 06:00:00.000" "2024-01-01 07:00:00.000" 4
+I "2024-01-01 07:00:00.000" "2024-01-01 08:00:00.000" 8

== final s
"2024-01-01 05:00:00.000" "2024-01-01 06:00:00.000" 3
"2024-01-01 06:00:00.000" "2024-01-01 07:00:00.000" 4
"2024-01-01 07:00:00.000" "2024-01-01 08:00:00.000" 8
