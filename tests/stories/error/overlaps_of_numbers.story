# OVERLAPS of periods that are none.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (x BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT (x, 5) OVERLAPS (3, 7) FROM t;

== error
OVERLAPS compares periods: (start, end) or (start, interval), not (INT, INT) (line 3, column 23)
