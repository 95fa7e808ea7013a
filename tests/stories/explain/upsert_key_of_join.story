# By which key a sink's rows are found: where a join sends an updating side by columns that are not in its key, changes of
# one row come from several subtasks, and the sink materialises them.

== sql
CREATE TABLE t (id STRING, k INT) WITH ('connector' = 'script');
CREATE TABLE d (k INT, name STRING, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE s (id STRING, k INT, name STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'script');
EXPLAIN INSERT INTO s SELECT l.id, l.k, d.name FROM (SELECT id, MAX(k) AS k FROM t GROUP BY id) l JOIN d ON l.k = d.k;

== output
== Abstract Syntax Tree ==
Projection: NOT_NULL(id) AS id, k AS k, name AS name
  Projection: l.id AS id, l.k AS k, d.name AS name
    Inner Join:  Filter: l.k = d.k
      SubqueryAlias: l
        Projection: t.id AS id, k AS k
          Aggregate: groupBy=[[t.id]], aggr=[[MAX(t.k) AS k]]
            SubqueryAlias: t
              TableScan: t
      SubqueryAlias: d
        TableScan: d

== Optimized Logical Plan ==
Projection: NOT_NULL(l.id) AS id, l.k AS k, d.name AS name
  Inner Join: l.k = d.k
    SubqueryAlias: l
      Projection: t.id AS id, k AS k
        Aggregate: groupBy=[[t.id]], aggr=[[MAX(t.k) AS k]]
          SubqueryAlias: t
            TableScan: t projection=[id, k]
    SubqueryAlias: d
      TableScan: d projection=[k, name]

== Optimized Execution Plan ==
Sink(table=[s], fields=[id, k, name], parallelism=[1])
+- UpsertMaterialize(keys=[id], select=[id, k, name], changelogMode=[I,UA,D], parallelism=[1])
   +- Calc(select=[NOT_NULL(id) AS id, k, name], changelogMode=[I,UB,UA,D], parallelism=[1])
      +- Join(joinType=[InnerJoin], where=[k = k], select=[id, k, k0, name], changelogMode=[I,UB,UA,D], parallelism=[1])
         :- GroupAggregate(groupBy=[id], select=[id, MAX(k) AS k], changelogMode=[I,UB,UA,D], parallelism=[1])
         :  +- TableSourceScan(table=[t], fields=[id, k], changelogMode=[I], parallelism=[1])
         +- TableSourceScan(table=[d], fields=[k, name], changelogMode=[I], parallelism=[1])
