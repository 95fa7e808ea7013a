# Not Flink's: the functions are components.
# A table without its policy.

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('dead-letter.table' = 'failures');

== error
function 'positive' has a table 'failures' for rows that fail, and sends none there (line 1, column 56); say 'on-error' = 'dead-letter'
