# In batch mode rows without a time are in no window.
# Recorded with Flink 2.3.

== sql
SET 'execution.runtime-mode' = 'batch';
CREATE VIEW t AS SELECT x, ts FROM (VALUES
  (1, TIMESTAMP '2024-01-01 00:00:01'), (2, CAST(NULL AS TIMESTAMP(3))), (3, TIMESTAMP '2024-01-01 00:00:12')
) AS rows_of_t(x, ts);
SELECT x, window_start FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND));

== output
+I 1 2024-01-01T00:00:00
+I 3 2024-01-01T00:00:10
