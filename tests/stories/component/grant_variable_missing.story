# A variable that the engine does not have is missed when the function is created.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm'
WITH ('grant.env' = 'PATH, ANABRANCH_NO_SUCH_VARIABLE');

== error
option 'grant.env': the engine's environment has no variable 'ANABRANCH_NO_SUCH_VARIABLE' (line 2, column 7)
