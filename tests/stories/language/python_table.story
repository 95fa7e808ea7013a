# Not Flink's: the functions are components.
# A table function of a package in Python; a row without words is kept, or is gone.

== sql
CREATE FUNCTION split LANGUAGE WASM USING COMPONENT 'tests/functions/same/python/same.wasm';

CREATE TABLE t (id INT, line STRING) WITH ('connector' = 'script');
CREATE TABLE s (id INT, word STRING, place INT) WITH ('connector' = 'script');
CREATE TABLE l (id INT, word STRING, place INT) WITH ('connector' = 'script');
EXECUTE STATEMENT SET BEGIN
  INSERT INTO s SELECT id, word, place FROM t, LATERAL TABLE(split(line)) AS words(word, place) WHERE word <> 'or';
  INSERT INTO l SELECT id, word, place FROM t LEFT JOIN LATERAL TABLE(split(line)) AS words(word, place) ON TRUE;
END;

== input t
+I 1 "to be  or"
+I 2 ""
+I 3 null
+I 4 "nöt 😀"

== changelog s
+I 1 to 1
+I 1 be 2
+I 4 nöt 1
+I 4 😀 2

== final s
1 be 2
1 to 1
4 nöt 1
4 😀 2

== final l
1 be 2
1 or 3
1 to 1
2 null null
3 null null
4 nöt 1
4 😀 2
