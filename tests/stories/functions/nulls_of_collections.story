# NULL as an item and as an array. Recorded with Flink 2.3.

== sql
CREATE TABLE t (a ARRAY<INT>, i INT) WITH ('connector' = 'script');
CREATE TABLE s (c BOOLEAN, p INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT ARRAY_CONTAINS(a, i), ARRAY_POSITION(a, i), CAST(ARRAY_CONCAT(ARRAY[0], a) AS STRING) FROM t;

== input t
{"a": [1, 2], "i": null}
{"a": [1, null], "i": null}
{"a": [1, null], "i": 1}
{"a": [1, null], "i": 2}
{"a": null, "i": 1}

== changelog s
+I false null "[0, 1, 2]"
+I true null "[0, 1, NULL]"
+I true 1 "[0, 1, NULL]"
+I false 0 "[0, 1, NULL]"
+I null null null
