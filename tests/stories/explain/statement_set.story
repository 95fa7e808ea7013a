# What two INSERTs share is read once.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
EXPLAIN STATEMENT SET BEGIN INSERT INTO counts SELECT k, COUNT(*) FROM t GROUP BY k; INSERT INTO big SELECT k, x FROM t WHERE x > 10; END;

== output
== Abstract Syntax Tree ==
Projection: NOT_NULL(k) AS k, EXPR$1 AS cnt
  Projection: t.k AS k, EXPR$1 AS EXPR$1
    Aggregate: groupBy=[[t.k]], aggr=[[COUNT() AS EXPR$1]]
      SubqueryAlias: t
        TableScan: t
Projection: k AS k, x AS x
  Projection: t.k AS k, t.x AS x
    Filter: t.x > Int32(10)
      SubqueryAlias: t
        TableScan: t

== Optimized Logical Plan ==
Projection: NOT_NULL(t.k) AS k, EXPR$1 AS cnt
  Aggregate: groupBy=[[t.k]], aggr=[[COUNT() AS EXPR$1]]
    SubqueryAlias: t
      TableScan: t projection=[k]
Projection: t.k AS k, t.x AS x
  SubqueryAlias: t
    Filter: t.x > Int32(10)
      TableScan: t projection=[k, x]

== Optimized Execution Plan ==
Sink(table=[counts], fields=[k, cnt], parallelism=[1])
+- Calc(select=[NOT_NULL(k) AS k, EXPR$1 AS cnt], changelogMode=[I,UA,D], parallelism=[1])
   +- GroupAggregate(groupBy=[k], select=[k, COUNT(*) AS EXPR$1], changelogMode=[I,UA,D], parallelism=[1])
      +- Calc(select=[k], changelogMode=[I], parallelism=[1])
         +- TableSourceScan(table=[t], fields=[k, x], changelogMode=[I], parallelism=[1])(reference_id=[0])
Sink(table=[big], fields=[k, x], parallelism=[1])
+- Calc(select=[k, x], where=[x > 10], changelogMode=[I], parallelism=[1])
   +- Reused(reference_id=[0])
