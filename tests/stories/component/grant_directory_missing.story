# A directory that is not there is missed when the function is created.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.dir./data' = 'tests/nowhere');

== error
option 'grant.dir./data': 'tests/nowhere': No such file or directory (os error 2) (line 2, column 7)
