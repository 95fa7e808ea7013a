# A watermark is a time itself.

== sql
CREATE TABLE z (
  a INT,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS a
) WITH ('connector' = 'print');

== error
the watermark of 'ts' is INT, and its column TIMESTAMP(3) (line 4, column 23)
