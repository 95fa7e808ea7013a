# A secret does not stand in SQL, and an error does not repeat it.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.secret.API_KEY' = 'sk-0123456789');

== error
?
