# QUALIFY is refused where it stands.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (x INT) WITH ('connector' = 'script');
INSERT INTO s SELECT x
  FROM t
  QUALIFY x > 1;

== error
QUALIFY is not supported (line 5, column 11)
