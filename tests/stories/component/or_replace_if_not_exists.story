# Not Flink's: the functions are components.
# One would replace the function, the other leave it.

== sql
CREATE OR REPLACE FUNCTION IF NOT EXISTS add LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

== error
OR REPLACE and IF NOT EXISTS exclude each other (line 1, column 28)
