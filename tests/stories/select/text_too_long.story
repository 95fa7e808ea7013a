# A text that grows with each function ends with an error, not with all memory.

== sql
SELECT HEX(HEX(HEX(REPEAT(s, 20000000)))) FROM (VALUES ('a')) AS t(s);

== error
the text would be longer than 67108864 bytes, in HEX, while evaluating `HEX(HEX(HEX(REPEAT(column1, 20000000))))`
