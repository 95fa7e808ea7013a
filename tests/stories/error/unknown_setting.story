# SET of a name that means nothing.

== sql
SET 'parallelism.defualt' = '2';

== error
option 'parallelism.defualt' is not known (line 1, column 5); did you mean `parallelism.default`?
