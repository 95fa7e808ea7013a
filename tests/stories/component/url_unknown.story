# A URL that components are not read from.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'ftp://example.com/words.wasm';

== error
?
