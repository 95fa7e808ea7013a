# CHANGELOG_MODE is always shown.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
EXPLAIN CHANGELOG_MODE SELECT DISTINCT k FROM t;

== output
== Abstract Syntax Tree ==
Aggregate: groupBy=[[k]], aggr=[[]]
  Projection: t.k AS k
    SubqueryAlias: t
      TableScan: t

== Optimized Logical Plan ==
Aggregate: groupBy=[[k]], aggr=[[]]
  Projection: t.k AS k
    SubqueryAlias: t
      TableScan: t projection=[k]

== Optimized Execution Plan ==
Sink(table=[*anonymous_collect*], fields=[k], parallelism=[1])
+- GroupAggregate(groupBy=[k], select=[k], changelogMode=[I], parallelism=[1])
   +- TableSourceScan(table=[t], fields=[k], changelogMode=[I], parallelism=[1])
