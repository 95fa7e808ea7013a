# Not Flink's: the source of functions stands in the SQL.
# A loop without an end is cut off.
parallel: no
bulk: no
batch: no

== sql
CREATE FUNCTION wait(x BIGINT) RETURNS BIGINT LANGUAGE JAVASCRIPT WITH ('timeout' = '1 s') AS $$
  while (x > 1) {}
  return x;
$$;

CREATE TABLE t (a BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (a BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT wait(a) FROM t;

== input t
+I 1
+I 2

== error
function 'wait' failed for (2): ran longer than 1000 ms (option 'timeout'); to go on without such rows, declare the function WITH ('on-error' = 'null'), 'skip' or 'dead-letter'
