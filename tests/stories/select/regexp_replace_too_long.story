# Many matches may grow a text without bounds.

== sql
CREATE TABLE t (x STRING, y STRING) WITH ('connector' = 'script');
CREATE TABLE s (z STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT REGEXP_REPLACE(REPEAT(x, 1000000), '.', REPEAT(y, 1000)) FROM t;

== input t
+I a b

== error
the text would be longer than 67108864 bytes, in REGEXP_REPLACE, while evaluating `REGEXP_REPLACE(REPEAT(x, 1000000), ., REPEAT(y, 1000))`
