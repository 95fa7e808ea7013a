# Random texts and bytes are as long as their types say; as Flink's.

== sql
CREATE TABLE t (c CHAR(3), v VARCHAR(5), b BINARY(2), vb VARBINARY(4), short VARCHAR(5), s STRING)
WITH ('connector' = 'datagen', 'number-of-rows' = '2', 'fields.short.length' = '2');
CREATE TABLE k (c INT, v INT, b INT, vb INT, short INT, s INT) WITH ('connector' = 'script');
INSERT INTO k SELECT CHAR_LENGTH(c), CHAR_LENGTH(v), CHAR_LENGTH(CAST(b AS STRING)), CHAR_LENGTH(CAST(vb AS STRING)), CHAR_LENGTH(short), CHAR_LENGTH(s) FROM t;

== final k
3 5 2 4 2 100
3 5 2 4 2 100
