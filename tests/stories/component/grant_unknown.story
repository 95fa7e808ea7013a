# A grant that there is not; the nearest one is suggested.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.htttp' = 'GET https://api.example.com');

== error
unknown option 'grant.htttp' of function 'split' (line 2, column 7); did you mean `grant.http`?
