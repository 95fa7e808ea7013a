# What is set.

== sql
SET 'parallelism.default' = '1';
SET 'pipeline.name' = 'counts';
RESET 'parallelism.default';
SET 'table.exec.mini-batch.size' = '1';
SET 'execution.buffer-timeout.interval' = '0 ms';
SET;

== output
+I execution.buffer-timeout.interval "0 ms"
+I pipeline.name counts
+I table.exec.mini-batch.size 1
