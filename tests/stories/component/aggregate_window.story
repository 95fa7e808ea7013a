# Not Flink's: the functions are components.
# A component's aggregates over windows, with a scalar function as a key.

== sql
CREATE FUNCTION my_sum AS 'sum' LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';
CREATE FUNCTION approx_uv LANGUAGE WASM USING COMPONENT 'examples/pv_uv/behaviour.wasm';
CREATE FUNCTION classify LANGUAGE WASM USING COMPONENT 'examples/pv_uv/behaviour.wasm';

CREATE TABLE t (u STRING, behavior STRING, x BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'script');
CREATE TABLE s (window_start TIMESTAMP(3), kind STRING, total BIGINT, uv BIGINT, approx BIGINT) WITH ('connector' = 'script');
INSERT INTO s
SELECT window_start, kind, my_sum(x), COUNT(DISTINCT u), approx_uv(u)
FROM (SELECT window_start, window_end, u, x, classify(behavior) AS kind FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)))
GROUP BY window_start, window_end, kind;

== input t
+I u0 pv 0 "2024-01-01 00:00:00"
+I u1 buy 1 "2024-01-01 00:00:03"
+I u2 pv 2 "2024-01-01 00:00:05"
+I u3 fav 3 "2024-01-01 00:00:06"
+I u4 pv 4 "2024-01-01 00:00:09"
+I u0 buy 5 "2024-01-01 00:00:11"
+I u1 pv 6 "2024-01-01 00:00:12"
+I u2 fav 7 "2024-01-01 00:00:15"
+I u3 pv 8 "2024-01-01 00:00:17"
+I u4 buy 9 "2024-01-01 00:00:18"
+I u0 pv 10 "2024-01-01 00:00:21"
+I u1 fav 11 "2024-01-01 00:00:23"
+I u2 pv 12 "2024-01-01 00:00:24"
+I u3 buy 13 "2024-01-01 00:00:27"
+I u4 pv 14 "2024-01-01 00:00:29"
+I u0 fav 15 "2024-01-01 00:00:30"
+I u1 pv 16 "2024-01-01 00:00:33"
+I u2 buy 17 "2024-01-01 00:00:35"
+I u3 pv 18 "2024-01-01 00:00:36"
+I u4 fav 19 "2024-01-01 00:00:39"
+I u0 pv 20 "2024-01-01 00:00:41"
+I u1 buy 21 "2024-01-01 00:00:42"
+I u2 pv 22 "2024-01-01 00:00:45"
+I u3 fav 23 "2024-01-01 00:00:47"

== final s
2024-01-01T00:00:00 favourite 3 1 1
2024-01-01T00:00:00 purchase 1 1 1
2024-01-01T00:00:00 view 6 3 3
2024-01-01T00:00:10 favourite 7 1 1
2024-01-01T00:00:10 purchase 14 2 2
2024-01-01T00:00:10 view 14 2 2
2024-01-01T00:00:20 favourite 11 1 1
2024-01-01T00:00:20 purchase 13 1 1
2024-01-01T00:00:20 view 36 3 3
2024-01-01T00:00:30 favourite 34 2 2
2024-01-01T00:00:30 purchase 17 1 1
2024-01-01T00:00:30 view 34 2 2
2024-01-01T00:00:40 favourite 23 1 1
2024-01-01T00:00:40 purchase 21 1 1
2024-01-01T00:00:40 view 42 2 2
