# Not Flink's: the functions are components.
# Updates must stay in their order.
batch: no
bulk: no
parallel: no

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true', 'async.output-mode' = 'allow_unordered');

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, y BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, add(total, 1) FROM (SELECT k, SUM(x) AS total FROM t GROUP BY k) AS sums;

== error
function 'add' may give its results out of order ('async.output-mode'), and its input has updates, whose order matters; declare it 'ordered', or call it on an append-only stream
