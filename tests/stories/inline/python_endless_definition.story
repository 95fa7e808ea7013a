# Not Flink's: the source of functions stands in the SQL.
# A source that never comes to its end when it is read.

== sql
CREATE FUNCTION wait(x BIGINT) RETURNS BIGINT LANGUAGE PYTHON WITH ('timeout' = '200 ms') AS $$
while True:
    pass

def wait(x):
    return x
$$;

== error
function 'wait' ran longer than 200 ms (option 'timeout') (line 1, column 69)
