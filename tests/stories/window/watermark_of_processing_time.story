# Processing time goes by no watermark. Flink refuses it too.

== sql
CREATE TABLE t (x INT, p AS PROCTIME(), WATERMARK FOR p AS p) WITH ('connector' = 'script');
CREATE TABLE s (x INT) WITH ('connector' = 'script');
INSERT INTO s SELECT x FROM t;

== error
'p' is processing time, which has no watermark (line 1, column 55); leave WATERMARK FOR out
