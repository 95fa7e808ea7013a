# The letters of a pattern are widths of numbers, which have an end.

== sql
CREATE TABLE t (ts TIMESTAMP(3), x STRING) WITH ('connector' = 'script');
CREATE TABLE s (z STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT DATE_FORMAT(ts, REPEAT(x, 70000)) FROM t;

== input t
+I "2020-01-01 00:00:00" d

== error
`d` stands 70000 times in a row in a pattern; at most 2 times, in DATE_FORMAT, while evaluating `DATE_FORMAT(ts, REPEAT(x, 70000))`
