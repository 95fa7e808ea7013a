# An option of a format that it does not have; the nearest one is suggested.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'json', 'json.ignore-parse-error' = 'true');

== error
connector 'filesystem' has no option 'json.ignore-parse-error' (line 1, column 91), in table `t`; did you mean `json.ignore-parse-errors`?
