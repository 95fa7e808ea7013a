# Patterns of Java, another in each row: `\w` is ASCII, there is look-around, and `$` is before a line terminator at the
# end too. One that Java refuses gives NULL, or FALSE. As Flink 2.3 has it.

== sql
CREATE TABLE t (x STRING, p STRING) WITH ('connector' = 'script');
CREATE TABLE s (p STRING, matches BOOLEAN, found STRING, place INT, n INT, r INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT p, REGEXP(x, p), REGEXP_SUBSTR(x, p), REGEXP_INSTR(x, p), REGEXP_COUNT(x, p), CHAR_LENGTH(REGEXP_REPLACE(x, p, '-'))
FROM t;

== input t
{"x": "mañana 42", "p": "\\w+"}
{"x": "mañana 42", "p": "n(?=a)"}
{"x": "mañana 42", "p": "("}
{"x": "mañana 42", "p": null}
{"x": "aab\n", "p": "b$"}
{"x": "aab\r\n", "p": "b$"}
{"x": "aab\n\n", "p": "b$"}
{"x": null, "p": "a"}

== changelog s
+I \w+ true ma 1 3 5
+I n(?=a) true n 5 1 9
+I ( false null null null null
+I null null null null null null
+I b$ true b 3 1 4
+I b$ true b 3 1 5
+I b$ false null 0 0 5
+I a null null null null null
