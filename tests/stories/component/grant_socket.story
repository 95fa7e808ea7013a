# Sockets are never granted.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.network' = 'true');

== error
option 'grant.network': sockets are never granted, only requests by HTTP ('grant.http') (line 2, column 7)
