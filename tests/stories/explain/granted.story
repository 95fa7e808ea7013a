# Not Flink's: what functions are granted stands where they are called; of a secret, where it lies.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm' WITH ('grant.clock' = 'true');
CREATE FUNCTION len LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.secret.API_KEY' = 'env:PATH', 'grant.http' = 'GET|POST https://*.example.com');
CREATE FUNCTION my_sum AS 'sum' LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm'
WITH ('grant.env.MODE' = 'fast');
CREATE TABLE t (line STRING) WITH ('connector' = 'script');
EXPLAIN SELECT word, my_sum(CAST(len(word) AS BIGINT)) AS total FROM t, LATERAL TABLE(split(line)) AS s(word) GROUP BY word;

== output
== Abstract Syntax Tree ==
Projection: s.word AS word, total AS total
  Aggregate: groupBy=[[s.word]], aggr=[[my_sum(CAST(len(s.word) AS Int64)) AS total]]
    Correlate: invocation=[split(t.line)], joinType=[Inner]
      SubqueryAlias: t
        TableScan: t

== Optimized Logical Plan ==
Projection: s.word AS word, total AS total
  Aggregate: groupBy=[[s.word]], aggr=[[my_sum(CAST(len(s.word) AS Int64)) AS total]]
    Projection: s.word
      Correlate: invocation=[split(t.line)], joinType=[Inner]
        SubqueryAlias: t
          TableScan: t projection=[line]

== Optimized Execution Plan ==
Sink(table=[*anonymous_collect*], fields=[word, total], parallelism=[1])
+- GroupAggregate(groupBy=[word], select=[word, my_sum($f1) GRANTED [env(MODE=fast)] AS total], changelogMode=[I,UB,UA,D], parallelism=[1])
   +- Calc(select=[word, CAST($call2 AS Int64) AS $f1], changelogMode=[I], parallelism=[1])
      +- ComponentCall(call=[len(word) GRANTED [secret(API_KEY=env:PATH), http(GET|POST https://*.example.com)] AS $call2], changelogMode=[I], parallelism=[1])
         +- Correlate(invocation=[split(line) GRANTED [clock]], joinType=[INNER], changelogMode=[I], parallelism=[1])
            +- TableSourceScan(table=[t], fields=[line], changelogMode=[I], parallelism=[1])
