# A watermark is of a time. Flink 2.3 refuses it too.

== sql
CREATE TABLE z (
  a INT,
  WATERMARK FOR a AS a
) WITH ('connector' = 'print');

== error
a watermark's column must be a TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p from 0 to 3, and 'a' is INT (line 3, column 17)
