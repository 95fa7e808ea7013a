# Not Flink's: the functions are components.
# EXPLAIN shows the policies and the table.

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip');

CREATE TABLE t (id INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (id INT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, failed_at TIMESTAMP_LTZ(3), arguments STRING) WITH ('connector' = 'script');
EXPLAIN INSERT INTO s SELECT id, total(positive(x)) FROM t GROUP BY id;

== output
== Abstract Syntax Tree ==
Projection: id AS id, EXPR$1 AS y
  Projection: t.id AS id, EXPR$1 AS EXPR$1
    Aggregate: groupBy=[[t.id]], aggr=[[total(positive(t.x)) AS EXPR$1]]
      SubqueryAlias: t
        TableScan: t

== Optimized Logical Plan ==
Projection: t.id AS id, EXPR$1 AS y
  Aggregate: groupBy=[[t.id]], aggr=[[total(positive(t.x)) AS EXPR$1]]
    SubqueryAlias: t
      TableScan: t projection=[id, x]

== Optimized Execution Plan ==
Sink(table=[s], fields=[id, y], parallelism=[1])
+- Calc(select=[id, EXPR$1 AS y], changelogMode=[I,UB,UA,D], parallelism=[1])
   +- GroupAggregate(groupBy=[id], select=[id, total($f1) AS EXPR$1], onError=[total: skip], changelogMode=[I,UB,UA,D], parallelism=[1])
      +- Calc(select=[id, $call2 AS $f1], changelogMode=[I], parallelism=[1])
         +- ComponentCall(call=[positive(x) AS $call2], onError=[positive: dead-letter to failures], changelogMode=[I], parallelism=[1])(reference_id=[1])
            +- TableSourceScan(table=[t], fields=[id, x], changelogMode=[I], parallelism=[1])
Sink(table=[failures], fields=[function_name, failed_at, arguments], parallelism=[1])
+- Calc(select=[function_name, failed_at, arguments], changelogMode=[I], parallelism=[1])
   +- DeadLetters(table=[failures], changelogMode=[I], parallelism=[1])
      +- Reused(reference_id=[1])
