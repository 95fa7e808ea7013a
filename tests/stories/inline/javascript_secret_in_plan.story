# A call of constants is not computed for the plan where it could tell a secret there.

== sql
CREATE FUNCTION f(x STRING) RETURNS STRING LANGUAGE JAVASCRIPT WITH ('grant.secret.K' = 'env:PATH') AS $$
  return "Bearer " + process.env[x];
$$;
CREATE TABLE t (b STRING) WITH ('connector' = 'script');
EXPLAIN SELECT f('K') AS token FROM t WHERE b = f('K');

== output
