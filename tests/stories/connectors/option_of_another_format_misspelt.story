# Options of other formats are not suggested either.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'filesystem', 'path' = 'x', 'format' = 'csv', 'csv.ignore-parse-error' = 'true');

== error
connector 'filesystem' has no option 'csv.ignore-parse-error' (line 1, column 90), in table `t`; did you mean `csv.ignore-parse-errors`?
