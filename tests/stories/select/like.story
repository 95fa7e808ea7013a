# Nothing escapes % and _ unless ESCAPE names a character.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (x STRING, y STRING) WITH ('connector' = 'script');
CREATE TABLE s (x STRING, p BOOLEAN, q BOOLEAN, r BOOLEAN, e BOOLEAN, n BOOLEAN, c BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT x, x LIKE 'a\_b', x LIKE 'a!_b' ESCAPE '!', x LIKE 'a\_b' ESCAPE '\', x LIKE '%b', x NOT LIKE 'a\%', x LIKE y FROM t;

== input t
{"x": "a_b", "y": "a\\_b"}
{"x": "a\\_b", "y": "a\\_b"}
{"x": "a\\xb", "y": "a\\_b"}
{"x": "axb", "y": "a%"}
{"x": "a\\", "y": "a\\"}
{"x": "a%", "y": null}
{"x": null, "y": "%"}

== changelog s
+I a_b false true true true true false
+I a\_b true false false true false true
+I a\xb true false false true false true
+I axb false false false true true true
+I a\ false false false false false true
+I a% false false false false true null
+I null null null null null null null

== final s
a% false false false false true null
a\ false false false false false true
a\_b true false false true false true
a\xb true false false true false true
a_b false true true true true false
axb false false false true true true
null null null null null null null
