# An OVERLAPS within a period of another.

== sql
CREATE TABLE t (d DATE) WITH ('connector' = 'script');
CREATE TABLE s (x BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT (d, CASE WHEN (d, d) OVERLAPS (d, d) THEN d END) OVERLAPS (d, d) FROM t;

== error
an OVERLAPS within a period of another is not supported (line 3, column 23)
