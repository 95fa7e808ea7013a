# What comes unencrypted needs a digest. Nothing is asked of the server.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'http://127.0.0.1:1/words.wasm?signature=abc';

== error
'http://127.0.0.1:1/words.wasm?…' comes unencrypted, so its digest must be known (line 1, column 53); write WITH ('sha256' = '…'), or use https://
