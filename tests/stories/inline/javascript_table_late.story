# Not Flink's: the source of functions stands in the SQL.
# What a table function gave for a row before it failed stays, whatever the size of batches; only a row for which it gave nothing
# is padded. A value of another type is a failure, and nothing behind it counts.
sizes: yes

== sql
CREATE FUNCTION skipped(x BIGINT) RETURNS TABLE (y BIGINT) LANGUAGE JAVASCRIPT WITH ('on-error' = 'skip') AS $$
  if (x === 4n) throw new Error("early");
  yield x * 10n;
  if (x === 2n) throw new Error("late");
  yield x === 3n ? "wrong" : x * 10n + 1n;
  yield x * 10n + 2n;
$$;
CREATE FUNCTION padded(x BIGINT) RETURNS TABLE (y BIGINT) LANGUAGE JAVASCRIPT WITH ('on-error' = 'null') AS $$
  if (x === 4n) throw new Error("early");
  yield x * 10n;
  if (x === 2n) throw new Error("late");
  yield x === 3n ? "wrong" : x * 10n + 1n;
  yield x * 10n + 2n;
$$;
CREATE FUNCTION sent(x BIGINT) RETURNS TABLE (y BIGINT) LANGUAGE JAVASCRIPT WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures') AS $$
  yield x * 10n;
  yield x === 3n ? "wrong" : x * 10n + 1n;
  if (x === 2n || x === 3n) throw new Error("late");
$$;

CREATE TABLE t (x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (x BIGINT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE s2 (x BIGINT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE s3 (x BIGINT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (input_row STRING, error_message STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');
EXECUTE STATEMENT SET BEGIN
INSERT INTO s SELECT x, y FROM t, LATERAL TABLE(skipped(x)) AS f(y);
INSERT INTO s2 SELECT x, y FROM t LEFT JOIN LATERAL TABLE(padded(x)) AS f(y) ON TRUE;
INSERT INTO s3 SELECT x, y FROM t LEFT JOIN LATERAL TABLE(sent(x)) AS f(y) ON TRUE;
END;

== input t
+I 1
+I 2
+I 3
+I 4
+I 5

== final s
1 10
1 11
1 12
2 20
3 30
5 50
5 51
5 52

== final s2
1 10
1 11
1 12
2 20
3 30
4 null
5 50
5 51
5 52

== final s3
1 10
1 11
2 20
2 21
3 30
4 40
4 41
5 50
5 51

== final failures
{"x":2} "Error: late (line 4: if (x === 2n || x === 3n) throw new Error("late");)"
{"x":3} "gave "wrong", which is no ROW<y BIGINT>"

== functions
padded: 5 rows, 3 errors
sent: 5 rows, 2 errors
skipped: 5 rows, 3 errors
