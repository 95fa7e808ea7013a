# WINDOW is refused where it stands.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (x INT) WITH ('connector' = 'script');
INSERT INTO s SELECT x
  FROM t
  WINDOW w AS (PARTITION BY x);

== error
WINDOW is not supported (line 5, column 10)
