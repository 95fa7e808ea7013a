# Not Flink's: the functions are components.
# A component without such a function.

== sql
CREATE FUNCTION summ LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm';

== error
the component `tests/functions/trial/trial.wasm` has no function 'summ' (line 1, column 52); it has `add`, `len`, `upper`, `split`, `sum`, `repeat`, `tell`, `called`, `positive`, `echo`; name one by AS '…'
