# For a sink of upserts the aggregation leaves out the old rows.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
EXPLAIN PLAN FOR INSERT INTO counts SELECT k, COUNT(*) FROM t GROUP BY k;

== output
== Abstract Syntax Tree ==
Projection: NOT_NULL(k) AS k, EXPR$1 AS cnt
  Projection: t.k AS k, EXPR$1 AS EXPR$1
    Aggregate: groupBy=[[t.k]], aggr=[[COUNT() AS EXPR$1]]
      SubqueryAlias: t
        TableScan: t

== Optimized Logical Plan ==
Projection: NOT_NULL(t.k) AS k, EXPR$1 AS cnt
  Aggregate: groupBy=[[t.k]], aggr=[[COUNT() AS EXPR$1]]
    SubqueryAlias: t
      TableScan: t projection=[k]

== Optimized Execution Plan ==
Sink(table=[counts], fields=[k, cnt], parallelism=[1])
+- Calc(select=[NOT_NULL(k) AS k, EXPR$1 AS cnt], changelogMode=[I,UA,D], parallelism=[1])
   +- GroupAggregate(groupBy=[k], select=[k, COUNT(*) AS EXPR$1], changelogMode=[I,UA,D], parallelism=[1])
      +- TableSourceScan(table=[t], fields=[k], changelogMode=[I], parallelism=[1])
