# Not Flink's: the source of functions stands in the SQL.
# An exception is the error of its row: it names the line of the source.
parallel: no
bulk: no
batch: no

== sql
CREATE FUNCTION half(x BIGINT) RETURNS DOUBLE LANGUAGE PYTHON AS $$
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x / 2
$$;

CREATE TABLE t (a BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (h DOUBLE) WITH ('connector' = 'script');
INSERT INTO s SELECT half(a) FROM t;

== input t
+I 2
+I 3

== error
function 'half' failed for (3): ValueError: 3 is odd (line 3: raise ValueError(f"{x} is odd")); to go on without such rows, declare the function WITH ('on-error' = 'null'), 'skip' or 'dead-letter'
