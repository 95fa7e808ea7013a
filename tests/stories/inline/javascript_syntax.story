# Not Flink's: the source of functions stands in the SQL.
# A source that cannot be read: the error has its place in the SQL.

== sql
CREATE TABLE t (a BIGINT) WITH ('connector' = 'script');

CREATE FUNCTION half(x BIGINT) RETURNS BIGINT LANGUAGE JAVASCRIPT AS $$
  if (x === null {
    return x;
  }
    return x / 2
$$;

== error
cannot define function 'half': SyntaxError: Unexpected token '{' (line 4, column 18)
