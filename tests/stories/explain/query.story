# The plan of a query, with the changelog on every edge.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
EXPLAIN SELECT k, COUNT(*) AS cnt FROM t WHERE x > 1 GROUP BY k;

== output
== Abstract Syntax Tree ==
Projection: t.k AS k, cnt AS cnt
  Aggregate: groupBy=[[t.k]], aggr=[[COUNT() AS cnt]]
    Filter: t.x > Int32(1)
      SubqueryAlias: t
        TableScan: t

== Optimized Logical Plan ==
Projection: t.k AS k, cnt AS cnt
  Aggregate: groupBy=[[t.k]], aggr=[[COUNT() AS cnt]]
    SubqueryAlias: t
      Projection: t.k
        Filter: t.x > Int32(1)
          TableScan: t projection=[k, x]

== Optimized Execution Plan ==
Sink(table=[*anonymous_collect*], fields=[k, cnt], parallelism=[1])
+- GroupAggregate(groupBy=[k], select=[k, COUNT(*) AS cnt], changelogMode=[I,UB,UA,D], parallelism=[1])
   +- Calc(select=[k], where=[x > 1], changelogMode=[I], parallelism=[1])
      +- TableSourceScan(table=[t], fields=[k, x], changelogMode=[I], parallelism=[1])
