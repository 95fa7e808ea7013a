# Not Flink's: the functions are components.
# The words of lines, counted, with their lengths.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm';
CREATE FUNCTION len LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm';

CREATE TABLE lines (line STRING) WITH ('connector' = 'script');
CREATE TABLE s (word STRING, letters INT, occurrences BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT word, len(word), COUNT(*) FROM lines, LATERAL TABLE(split(line)) AS words(word) WHERE len(word) > 2 GROUP BY word;

== input lines
+I "To be, or not to be, that is the question:"
+I "whether 'tis nobler in the mind to suffer"
+I "the slings and arrows, or not"

== final s
and 3 1
arrows 6 1
mind 4 1
nobler 6 1
not 3 2
question 8 1
slings 6 1
suffer 6 1
that 4 1
the 3 3
tis 3 1
whether 7 1
