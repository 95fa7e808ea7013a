# A connector's required option is missing.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'filesystem', 'format' = 'json');

== error
connector 'filesystem' needs the option `path` (line 1, column 30), in table `t`
