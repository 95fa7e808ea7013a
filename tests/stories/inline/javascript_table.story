# Not Flink's: the source of functions stands in the SQL.
# A table function in JavaScript yields rows; one with one column yields values.

== sql
CREATE FUNCTION split_words(line STRING) RETURNS TABLE (word STRING, n INT) LANGUAGE JAVASCRIPT AS $$
  for (const word of (line ?? "").split(" ")) {
    if (word) yield { word, n: word.length };
  }
$$;
CREATE FUNCTION letters(word STRING) RETURNS TABLE (letter STRING) LANGUAGE JAVASCRIPT AS '[...new Set(word)].sort()';

CREATE TABLE t (id INT, line STRING) WITH ('connector' = 'script');
CREATE TABLE s (id INT, word STRING, n INT, letter STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT id, word, n, letter FROM t, LATERAL TABLE(split_words(line)), LATERAL TABLE(letters(word)) WHERE n > 1;

== input t
+I 1 "to be or"
+I 2 ""
+I 3 null
+I 4 not

== final s
1 be 2 b
1 be 2 e
1 or 2 o
1 or 2 r
1 to 2 o
1 to 2 t
4 not 3 n
4 not 3 o
4 not 3 t
