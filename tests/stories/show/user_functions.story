# Only the session's own functions.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm';
SHOW USER FUNCTIONS;

== output
+I split null
