# Not Flink's: the functions are components.
# Only scalar functions wait.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('async' = 'true');

== error
'split' is of the kind table (line 1, column 53); only scalar functions can be asynchronous
