# RESET of an option that is not known; the nearest one is suggested.

== sql
RESET 'paralelism.default';

== error
option 'paralelism.default' is not known (line 1, column 7); did you mean one of `parallelism.default`, `table.exec.resource.default-parallelism`?
