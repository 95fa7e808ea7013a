# An option that the type of the column does not have is refused.

== sql
CREATE TABLE t (id INT, s STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '1', 'fields.id.length' = '3');
SELECT * FROM t;

== error
option 'fields.id.length' is not for random values of INT (line 1, column 90), in table `t`; such a column has `kind`, `null-rate`, `min`, `max`
