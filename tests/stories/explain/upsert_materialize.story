# Rows that may meet at one primary key are materialised by it.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
EXPLAIN INSERT INTO counts SELECT MIN(k), COUNT(*) FROM t GROUP BY x ON CONFLICT DO DEDUPLICATE;

== output
== Abstract Syntax Tree ==
Projection: NOT_NULL(EXPR$0) AS k, EXPR$1 AS cnt
  Projection: EXPR$0 AS EXPR$0, EXPR$1 AS EXPR$1
    Aggregate: groupBy=[[t.x]], aggr=[[MIN(t.k) AS EXPR$0, COUNT() AS EXPR$1]]
      SubqueryAlias: t
        TableScan: t

== Optimized Logical Plan ==
Projection: NOT_NULL(EXPR$0) AS k, EXPR$1 AS cnt
  Aggregate: groupBy=[[t.x]], aggr=[[MIN(t.k) AS EXPR$0, COUNT() AS EXPR$1]]
    SubqueryAlias: t
      TableScan: t projection=[k, x]

== Optimized Execution Plan ==
Sink(table=[counts], fields=[k, cnt], parallelism=[1])
+- UpsertMaterialize(keys=[k], select=[k, cnt], changelogMode=[I,UA,D], parallelism=[1])
   +- Calc(select=[NOT_NULL(EXPR$0) AS k, EXPR$1 AS cnt], changelogMode=[I,UB,UA,D], parallelism=[1])
      +- GroupAggregate(groupBy=[x], select=[x, MIN(k) AS EXPR$0, COUNT(*) AS EXPR$1], changelogMode=[I,UB,UA,D], parallelism=[1])
         +- Calc(select=[x, k], changelogMode=[I], parallelism=[1])
            +- TableSourceScan(table=[t], fields=[k, x], changelogMode=[I], parallelism=[1])
