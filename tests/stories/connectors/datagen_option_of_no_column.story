# An option of a column that the table has not.

== sql
CREATE TABLE t (x INT) WITH (
  'connector' = 'datagen',
  'fields.y.min' = '1'
);

== error
option 'fields.y.min' is of the column `y`, which the table has not (line 3, column 3), in table `t`; did you mean `x`?
