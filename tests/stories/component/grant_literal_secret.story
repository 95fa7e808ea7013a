# A secret does not stand in SQL, and an error does not repeat it.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.secret.API_KEY' = 'sk-0123456789');

== error
option 'grant.secret.API_KEY': it names where the secret lies, 'env:NAME' or 'file:PATH'; the secret itself does not stand in SQL, which plans and logs show (line 2, column 7)
