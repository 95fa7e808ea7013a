# What else Flink can do with such rows is refused.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, x INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, x FROM t
ON CONFLICT DO NOTHING;

== error
ON CONFLICT DO NOTHING is not supported; write DO DEDUPLICATE (line 4, column 13)
