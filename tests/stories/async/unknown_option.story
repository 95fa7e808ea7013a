# Not Flink's: the functions are components.
# A name that is not quite right.

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true', 'async.capacty' = '3');

== error
unknown option 'async.capacty' of function 'add' (line 1, column 110); did you mean one of `async.capacity`, `async`?
