# An option that functions do not have; the nearest one is suggested.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('time-out' = '1 s');

== error
unknown option 'time-out' of function 'split' (line 2, column 7); did you mean `timeout`?
