# Not Flink's: the functions are components.
# How often to try again what is not to be tried again.

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true', 'async.max-attempts' = '5', 'async.retry-strategy' = 'no-retry');

== error
option 'async.max-attempts' of function 'add' means nothing with 'no-retry' (line 1, column 110); remove it, or the option 'async.retry-strategy'
