# A call of constants is not computed for the plan where it could tell a secret there.

== sql
CREATE FUNCTION f(x STRING) RETURNS STRING LANGUAGE JAVASCRIPT WITH ('grant.secret.K' = 'env:PATH') AS $$
  return "Bearer " + process.env[x];
$$;
CREATE TABLE t (b STRING) WITH ('connector' = 'script');
EXPLAIN SELECT f('K') AS token FROM t WHERE b = f('K');

== output
== Abstract Syntax Tree ==
Projection: f(Utf8("K")) AS token
  Filter: t.b = f(Utf8("K"))
    SubqueryAlias: t
      TableScan: t

== Optimized Logical Plan ==
Projection: f(Utf8("K")) AS token
  SubqueryAlias: t
    Projection:
      Filter: t.b = f(Utf8("K"))
        TableScan: t projection=[b]

== Optimized Execution Plan ==
Sink(table=[*anonymous_collect*], fields=[token], parallelism=[1])
+- Calc(select=[$call1 AS token], changelogMode=[I], parallelism=[1])
   +- Calc(select=[b, $call1], where=[b = $call1], changelogMode=[I], parallelism=[1])
      +- ComponentCall(call=[f(K) GRANTED [secret(K=env:PATH)] AS $call1], changelogMode=[I], parallelism=[1])
         +- TableSourceScan(table=[t], fields=[b], changelogMode=[I], parallelism=[1])
