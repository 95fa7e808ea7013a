# An aggregation over an aggregation: how many words have been seen how often.
# Recorded with Flink 2.3.

== sql
CREATE TABLE words (word STRING) WITH ('connector' = 'script');
CREATE TABLE s (times BIGINT, words BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT cnt, COUNT(*) FROM (SELECT word, COUNT(*) AS cnt FROM words GROUP BY word) GROUP BY cnt;

== input words
+I a
+I b
+I a
+I c
+I b
+I a

== changelog s
+I 1 1
-U 1 1
+U 1 2
-U 1 2
+U 1 1
+I 2 1
-U 1 1
+U 1 2
-U 1 2
+U 1 1
-U 2 1
+U 2 2
-U 2 2
+U 2 1
+I 3 1

== final s
1 1
2 1
3 1
