# A watermark of what is no column.

== sql
CREATE TABLE z (a INT, WATERMARK FOR ts AS ts) WITH ('connector' = 'print');

== error
the watermark names the column 'ts', which the table does not have; known are `a` (line 1, column 38)
