# Bytes are as long as fits, or the job says so.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (x BYTES) WITH ('connector' = 'script');
INSERT INTO s SELECT CAST(x AS BINARY(1000000000)) FROM t;

== input t
+I a

== error
the bytes would be longer than 67108864, or those of a batch than 2 GiB, in CAST_LENGTH, while evaluating `CAST_LENGTH(CAST(x AS Binary), 1000000000, 1000000000)`
