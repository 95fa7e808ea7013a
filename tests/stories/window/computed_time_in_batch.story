# In batch mode the time of a window may be computed.
# Recorded with Flink 2.3.

== sql
SET 'execution.runtime-mode' = 'batch';
CREATE VIEW t AS SELECT k, x, ts FROM (VALUES
  ('a', 1, TIMESTAMP '2024-01-01 00:00:01'), ('n', 2, CAST(NULL AS TIMESTAMP(3))), ('a', 3, TIMESTAMP '2024-01-01 00:00:12')
) AS rows_of_t(k, x, ts);
SELECT k, COUNT(*) AS n, SUM(x) AS total, TUMBLE_START(ts + INTERVAL '9' SECOND, INTERVAL '10' SECOND) AS st
FROM t GROUP BY k, TUMBLE(ts + INTERVAL '9' SECOND, INTERVAL '10' SECOND);

== output
+I a 1 1 2024-01-01T00:00:10
+I a 1 3 2024-01-01T00:00:20
