# Each subtask has a thread, and a channel to each of the next operator's.

== sql
SET 'parallelism.default' = '32768';

== error
option 'parallelism.default' cannot be '32768': it takes a whole number from 1 to 1024 (line 1, column 5)
