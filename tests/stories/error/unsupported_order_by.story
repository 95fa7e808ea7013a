# What is parsed but not supported is refused with its place: ORDER BY over a stream.

== sql
CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE u (a INT, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s
SELECT a, b FROM t
ORDER BY a;

== error
ORDER BY in streaming mode is not supported (line 6, column 10); SET 'execution.runtime-mode' = 'batch'
