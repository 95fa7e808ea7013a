# OVERLAPS without periods.

== sql
CREATE TABLE t (s DATE) WITH ('connector' = 'script');
CREATE TABLE o (a BOOLEAN) WITH ('connector' = 'script');
INSERT INTO o SELECT s OVERLAPS (DATE '2020-02-01', DATE '2020-03-01') FROM t;

== error
OVERLAPS compares periods: (start, end) or (start, interval) (line 3, column 22)
