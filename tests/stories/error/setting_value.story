# A setting whose value does not fit.

== sql
SET 'parallelism.default' = 'many';

== error
option 'parallelism.default' cannot be 'many': it takes a whole number from 1 to 1024 (line 1, column 5)
