# Not Flink's: the source of functions stands in the SQL.
# A secret is hidden where an error quotes it, as JavaScript writes it between quotes, and where a value is cut off.

== sql
CREATE FUNCTION leak(x BIGINT) RETURNS BIGINT LANGUAGE JAVASCRIPT AS $$
  const key = process.env.KEY;
  if (x === 1n) return key;
  if (x === 2n) return { headers: ["Bearer " + key] };
  throw new Error(x === 3n ? key : JSON.stringify({ key }));
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

== final s

== final failures
{"x":1} "returned "***…, which is no BIGINT"
{"x":2} "returned {"headers":["Bearer ***…, which is no BIGINT"
{"x":3} "Error: *** (line 5: throw new Error(x === 3n ? key : JSON.stringify({ key }));)"
{"x":4} "Error: {"key":"***"} (line 5: throw new Error(x === 3n ? key : JSON.stringify({ key }));)"
