# A component that is not the one of the digest is not loaded.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'file://tests/functions/README.md'
WITH ('sha256' = '0000000000000000000000000000000000000000000000000000000000000000');

== error
?
