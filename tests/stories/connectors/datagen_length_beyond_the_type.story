# No value of VARCHAR(3) is longer.

== sql
CREATE TABLE t (c VARCHAR(3)) WITH ('connector' = 'datagen', 'number-of-rows' = '1', 'fields.c.length' = '7');
SELECT * FROM t;

== error
option 'fields.c.length' = '7' is longer than VARCHAR(3) (line 1, column 86), in table `t`
