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
?
