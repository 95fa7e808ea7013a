# An unbounded GROUP BY emits a row for each change of a group: the first as +I, then the old and the new one.
# Recorded with Flink 2.3.

== sql
CREATE TABLE words (word STRING) WITH ('connector' = 'script');
CREATE TABLE counts (word STRING, cnt BIGINT) WITH ('connector' = 'script');
INSERT INTO counts SELECT word, COUNT(*) FROM words GROUP BY word;

== input words
+I a
+I b
+I a
+I a

== changelog counts
+I a 1
+I b 1
-U a 1
+U a 2
-U a 2
+U a 3

== final counts
a 3
b 1
