# Not Flink's: the functions are components.
# An option without `async`.

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async.capacity' = '3');

== error
option 'async.capacity' of function 'add' is for asynchronous functions (line 1, column 92); say 'async' = 'true'
