# A setting takes part of what Flink's takes; the rest is refused, not ignored.

== sql
SET 'table.exec.state.ttl' = '1 h';

== error
option 'table.exec.state.ttl' cannot be '1 h': state that expires is not supported yet: only '0 ms', which keeps state for ever (line 1, column 5)
