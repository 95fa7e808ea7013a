# An option of a format that the table is not in would do nothing.

== sql
CREATE TABLE t (x INT) WITH (
  'connector' = 'filesystem', 'path' = 'x', 'format' = 'json',
  'csv.field-delimiter' = ';'
);

== error
connector 'filesystem' has no option 'csv.field-delimiter' for the format `json` (line 3, column 3), in table `t`; it is one of the format `csv`
