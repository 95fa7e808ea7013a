# A text that would grow without bounds is refused before it is built.

== sql
CREATE TABLE t (x STRING, y STRING) WITH ('connector' = 'script');
CREATE TABLE s (z STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT REPLACE(REPEAT(x, 1000000), x, REPEAT(y, 1000000)) FROM t;

== input t
+I a b

== error
the text would be longer than 67108864 bytes, in REPLACE, while evaluating `REPLACE(REPEAT(x, 1000000), x, REPEAT(y, 1000000))`
