# Not Flink's: the source of functions stands in the SQL.
# A source that cannot be read: the error has its place in the SQL.

== sql
CREATE TABLE t (a BIGINT) WITH ('connector' = 'script');

CREATE FUNCTION half(x BIGINT) RETURNS BIGINT LANGUAGE PYTHON AS $$
    if x is None
        return x
    return x / 2
$$;

== error
cannot define function 'half': SyntaxError: expected ':' (line 4, column 17)
