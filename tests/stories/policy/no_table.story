# Not Flink's: the functions are components.
# A policy without its table.

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter');

== error
function 'positive' sends rows that fail to a table, and no table is named (line 1, column 56); name one that is declared: 'dead-letter.table' = '…'
