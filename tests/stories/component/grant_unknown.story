# A grant that there is not; the nearest one is suggested.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.htttp' = 'GET https://api.example.com');

== error
?
