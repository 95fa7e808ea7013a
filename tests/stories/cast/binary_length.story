# BINARY(n) has n bytes, VARBINARY(n) as many at most.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (s STRING) WITH ('connector' = 'script');
CREATE TABLE r (a BYTES, b BYTES, c BYTES, d BYTES) WITH ('connector' = 'script');
INSERT INTO r SELECT CAST(CAST(s AS BYTES) AS BINARY(2)), CAST(CAST(s AS BYTES) AS VARBINARY(2)), CAST(s AS BINARY(3)),
  TRY_CAST(s AS VARBINARY(3)) FROM t;

== input t
+I abcdef
+I a
+I null

== changelog r
+I 6162 6162 616263 616263
+I 6100 61 610000 61
+I null null null null
