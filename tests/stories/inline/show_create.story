# Not Flink's: the source of functions stands in the SQL.
# The catalog shows an inline function with its source.

== sql
CREATE FUNCTION half(x BIGINT NOT NULL, `the_rest` ARRAY<INT>) RETURNS TABLE (h DOUBLE, n STRING) LANGUAGE PYTHON
WITH ('timeout' = '1 min', 'deterministic' = 'false') AS $$
    """Halves."""
    yield x / 2, "it's"
$$;
SHOW CREATE FUNCTION half;

== output
CREATE FUNCTION `half`(`x` BIGINT NOT NULL, `the_rest` ARRAY<INT>)
RETURNS TABLE (`h` DOUBLE, `n` STRING)
LANGUAGE PYTHON
WITH (
  'deterministic' = 'false',
  'timeout' = '1 min'
)
AS $$
    """Halves."""
    yield x / 2, "it's"
$$
