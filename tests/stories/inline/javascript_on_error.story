# Not Flink's: the source of functions stands in the SQL.
# The policy for rows that fail: NULL, or without the row.

== sql
CREATE FUNCTION half(x BIGINT) RETURNS DOUBLE LANGUAGE JAVASCRIPT WITH ('on-error' = 'null') AS $$
  if (x % 2n) {
    throw new RangeError(`${x} is odd`);
  }
  return Number(x) / 2;
$$;
CREATE FUNCTION halves(x BIGINT) RETURNS TABLE (h DOUBLE) LANGUAGE JAVASCRIPT AS $$
  if (x % 2n) throw new RangeError(`${x} is odd`);
  yield Number(x) / 2;
  yield Number(x) / 2;
$$ WITH ('on-error' = 'skip');

CREATE TABLE t (a BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (a BIGINT, h DOUBLE) WITH ('connector' = 'script');
CREATE TABLE r (a BIGINT, h DOUBLE) WITH ('connector' = 'script');
EXECUTE STATEMENT SET BEGIN
  INSERT INTO s SELECT a, half(a) FROM t;
  INSERT INTO r SELECT a, h FROM t, LATERAL TABLE(halves(a)) AS T(h);
END;

== input t
+I 2
+I 3
+I 4

== final s
2 1.0
3 null
4 2.0

== final r
2 1.0
2 1.0
4 2.0
4 2.0
