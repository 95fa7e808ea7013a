-- Words of a text and how often they occur: a table function splits lines, a scalar function measures words; both live in
-- a WebAssembly component whose source is in functions/.
--
--     cargo run --release -- run examples/word_count/word_count.sql

CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm';
CREATE FUNCTION len LANGUAGE WASM USING COMPONENT 'examples/word_count/words.wasm';

CREATE TABLE lines (line STRING) WITH (
  'connector' = 'filesystem',
  'path' = 'examples/word_count/text.csv',
  'format' = 'csv',
  'csv.field-delimiter' = '|',
  'csv.disable-quote-character' = 'true'
);

SELECT word, len(word) AS letters, COUNT(*) AS occurrences
FROM lines, LATERAL TABLE(split(line)) AS words(word)
WHERE len(word) > 3
GROUP BY word;
