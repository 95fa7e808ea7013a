# Not Flink's: the functions are components.
# EXPLAIN shows what it is granted.

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true', 'async.capacity' = '50', 'async.timeout' = '5 s', 'async.output-mode' = 'allow-unordered', 'on-error' = 'skip', 'grant.clock' = 'true');
CREATE FUNCTION len LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

CREATE TABLE t (x BIGINT, y STRING) WITH ('connector' = 'script');
CREATE TABLE s (x BIGINT, y INT) WITH ('connector' = 'script');
EXPLAIN INSERT INTO s SELECT add(x, 1), len(y) FROM t;

== output
== Abstract Syntax Tree ==
Projection: EXPR$0 AS x, EXPR$1 AS y
  Projection: add(t.x, Int64(1)) AS EXPR$0, len(t.y) AS EXPR$1
    SubqueryAlias: t
      TableScan: t

== Optimized Logical Plan ==
Projection: add(t.x, Int64(1)) AS x, len(t.y) AS y
  SubqueryAlias: t
    TableScan: t projection=[x, y]

== Optimized Execution Plan ==
Sink(table=[s], fields=[x, y], parallelism=[1])
+- Calc(select=[$call2 AS x, $call3 AS y], changelogMode=[I], parallelism=[1])
   +- AsyncCall(call=[add(x, 1) GRANTED [clock] AS $call2], capacity=[50], timeout=[5000 ms], outputMode=[allow-unordered], retry=[fixed-delay 100 ms, 3 attempts], onError=[add: skip], changelogMode=[I], parallelism=[1])
      +- ComponentCall(call=[len(y) AS $call3], changelogMode=[I], parallelism=[1])
         +- TableSourceScan(table=[t], fields=[x, y], changelogMode=[I], parallelism=[1])
