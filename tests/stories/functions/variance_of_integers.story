# Variances of integers are of their type: the nearest INT or BIGINT, the last bits for smaller ones. Recorded with Flink
# 2.3.

== sql
CREATE TABLE t (a TINYINT, b SMALLINT, c INT, d BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (a TINYINT, b SMALLINT, c INT, d BIGINT, ra TINYINT, rd BIGINT, rc INT) WITH ('connector' = 'script');
INSERT INTO s SELECT VAR_SAMP(a), VAR_POP(b), VAR_SAMP(c), VAR_POP(d), STDDEV_SAMP(a), STDDEV_POP(d), STDDEV_SAMP(c) FROM t;

== input t
+I -128 -32768 -2147483648 -9223372036854775808
+I 127 32767 2147483647 9223372036854775807

== final s
0 -32768 2147483647 9223372036854775807 -76 9223372036854775807 2147483647
