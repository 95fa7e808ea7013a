# Text that is no statement.

== sql
CREATE TABLE t (a INT) WITH ('connector' = 'script');
SELEC a FROM t;

== error
expected a statement, found SELEC (line 2, column 1)
