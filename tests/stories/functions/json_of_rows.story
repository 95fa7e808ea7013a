# Text after the first value is ignored, numbers keep their digits, and `null` does not exist. Recorded with Flink 2.3.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (v STRING, q STRING, e BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT JSON_VALUE(x, '$.a'), JSON_QUERY(x, '$.a'), JSON_EXISTS(x, '$.a') FROM t;

== input t
{"x": "{\"a\":1} trailing"}
{"x": "{\"a\":1,\"x\":1e400}"}
{"x": "{\"a\": {\"b\": 1.0, \"a\": 1e3}}"}
{"x": "{\"a\":null}"}
{"x": "{\"a\":1"}

== changelog s
+I 1 null true
+I 1 null true
+I null {"a":1E+3,"b":1.0} true
+I null null false
+I null null false
