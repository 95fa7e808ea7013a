# What functions are granted stands beside them; of a secret, where it lies.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.clock' = 'true', 'grant.dir./stories' = 'tests/stories', 'grant.http' = 'GET https://api.example.com');
CREATE FUNCTION len LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.env' = 'PATH', 'grant.env.MODE' = 'fast', 'grant.secret.API_KEY' = 'env:PATH');
CREATE FUNCTION longer AS 'len' LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm';
SHOW USER FUNCTIONS;

== output
+I len "env(MODE=fast, PATH), secret(API_KEY=env:PATH)"
+I longer null
+I split "clock, dir(/stories=tests/stories:ro), http(GET https://api.example.com)"
