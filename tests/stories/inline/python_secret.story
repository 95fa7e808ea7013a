# Not Flink's: the source of functions stands in the SQL.
# A secret is hidden where an error quotes it, as Python writes it between quotes, and where a value is cut off.

== sql
CREATE FUNCTION leak(x BIGINT) RETURNS BIGINT LANGUAGE PYTHON AS $$
    import json, os
    key = os.environ["KEY"]
    if x == 1:
        return key
    if x == 2:
        return {"headers": ["Bearer " + key]}
    raise ValueError([key, repr(key), json.dumps(key), key.encode()][x - 3])
$$ WITH ('grant.secret.KEY' = 'file:tests/stories/inline/long_secret.txt', 'on-error' = 'dead-letter', 'dead-letter.table' = 'failures');

CREATE TABLE t (x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (x BIGINT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (arguments STRING, error_message STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
INSERT INTO s SELECT x, leak(x) FROM t;

== input t
+I 1
+I 2
+I 3
+I 4
+I 5
+I 6

== final s

== final failures
{"x":1} "returned '***…, which is no BIGINT"
{"x":2} "returned {'headers': ['Bearer ***…, which is no BIGINT"
{"x":3} "ValueError: *** (line 8: raise ValueError([key, repr(key), json.dumps(key), key.encode()][x - 3]))"
{"x":4} "ValueError: '***' (line 8: raise ValueError([key, repr(key), json.dumps(key), key.encode()][x - 3]))"
{"x":5} "ValueError: "***" (line 8: raise ValueError([key, repr(key), json.dumps(key), key.encode()][x - 3]))"
{"x":6} "ValueError: b'***' (line 8: raise ValueError([key, repr(key), json.dumps(key), key.encode()][x - 3]))"
