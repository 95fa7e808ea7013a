# Not Flink's: the functions are components.
# A capacity that is none.

== sql
CREATE FUNCTION add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true', 'async.capacity' = '0');

== error
option 'async.capacity' of function 'add' is '0' (line 1, column 110); it is a number from 1 to 1000
