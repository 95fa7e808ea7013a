# What comes unencrypted needs a digest. Nothing is asked of the server.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'http://127.0.0.1:1/words.wasm?signature=abc';

== error
?
