# All values of CHAR(3) have three characters.

== sql
CREATE TABLE t (c CHAR(3)) WITH ('connector' = 'datagen', 'number-of-rows' = '1', 'fields.c.length' = '2');
SELECT * FROM t;

== error
option 'fields.c.length': a CHAR(3) has the length of its type (line 1, column 83), in table `t`
