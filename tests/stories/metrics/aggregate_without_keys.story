# Not Flink's: the functions are components.
# The rows of an aggregate over all rows, of one over windows, and of one over what another gives.

== sql
CREATE FUNCTION everything AS 'total' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'trap');
CREATE FUNCTION by_window AS 'total' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'null', 'option.how' = 'trap');

CREATE TABLE t (k STRING, x BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (total BIGINT) WITH ('connector' = 'script');
CREATE TABLE w (window_start TIMESTAMP(3), k STRING, total BIGINT) WITH ('connector' = 'script');

EXECUTE STATEMENT SET BEGIN
INSERT INTO s SELECT everything(x) FROM t;
INSERT INTO w SELECT window_start, k, by_window(x) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, k;
END;

== input t
+I a 5 "2024-01-01 00:00:01"
+I b 13 "2024-01-01 00:00:04"
+I a 2 "2024-01-01 00:00:07"
+I a 13 "2024-01-01 00:00:11"
+I b 3 "2024-01-01 00:00:12"

== final s
10

== final w
2024-01-01T00:00:00 a 7
2024-01-01T00:00:00 b 0
2024-01-01T00:00:10 a 0
2024-01-01T00:00:10 b 3

== functions
by_window: 5 rows, 2 traps
everything: 5 rows, 2 traps
