# Not Flink's: the source of functions stands in the SQL.
# The catalog describes an inline function with its source.

== sql
CREATE FUNCTION half(x BIGINT NOT NULL, `the_rest` ARRAY<INT>) RETURNS TABLE (h DOUBLE, n STRING) LANGUAGE PYTHON
WITH ('timeout' = '1 min', 'deterministic' = 'false') AS $$
    """Halves."""
    yield x / 2, "it's"
$$;
DESCRIBE FUNCTION EXTENDED half;

== output
+I name half
+I kind table
+I "is system function" false
+I signature "half(x BIGINT, the_rest ARRAY<INT>) -> ROW<`h` DOUBLE, `n` STRING>"
+I "is deterministic" false
+I language PYTHON
+I source "
    """Halves."""
    yield x / 2, "it's"
"
+I option "'deterministic' = 'false'"
+I option "'timeout' = '1 min'"
+I doc Halves.
