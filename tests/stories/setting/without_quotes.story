# Names and values are quoted.

== sql
SET parallelism.default = 4;

== error
expected an option's name in single quotes, found parallelism (line 1, column 5)
