# A connector that is not there.

== sql
CREATE TABLE t (a INT) WITH ('connector' = 'kafkaa');
CREATE TABLE s (a INT) WITH ('connector' = 'script');
INSERT INTO s SELECT a FROM t;

== error
there is no connector 'kafkaa' (line 1, column 30), in table `t`; known are `blackhole`, `datagen`, `filesystem`, `jdbc`, `print`, `script`, `values`
