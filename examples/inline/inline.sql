-- Words of a text by their first letter: how many, and the longest. The functions' sources stand here: a table function and
-- an aggregate in Python, a scalar function in JavaScript. The interpreters are built once:
--
--     cargo run --release -- function interpreter build python
--     cargo run --release -- function interpreter build javascript
--     cargo run --release -- run examples/inline/inline.sql

CREATE FUNCTION words(line STRING NOT NULL) RETURNS TABLE (word STRING) LANGUAGE PYTHON AS $$
    import re
    # Rows of one column are its values.
    yield from re.findall(r"\w+", line)
$$;

CREATE FUNCTION initial(word STRING NOT NULL) RETURNS STRING LANGUAGE JAVASCRIPT AS 'word[0].toUpperCase()';

CREATE FUNCTION longest(word STRING NOT NULL) RETURNS STRING LANGUAGE PYTHON AS $$
class Longest:
    "The longest word; of several, the first."
    word: str = ""              # The state, which is kept in checkpoints.

    def accumulate(self, word):
        self.word = max(self.word, word, key=len)

    def evaluate(self):
        return self.word or None
$$;

CREATE TABLE lines (line STRING) WITH (
  'connector' = 'filesystem',
  'path' = 'examples/inline/text.csv',
  'format' = 'csv',
  'csv.field-delimiter' = '|',
  'csv.disable-quote-character' = 'true'
);

SELECT initial(word) AS letter, COUNT(*) AS words, longest(word) AS longest
FROM lines, LATERAL TABLE(words(line)) AS t(word)
GROUP BY initial(word);
