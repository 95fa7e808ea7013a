# A table joined with itself.
# Recorded with Flink 2.3.

== sql
CREATE TABLE people (id INT, boss INT, name STRING) WITH ('connector' = 'script');
CREATE TABLE s (name STRING, boss STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT p.name, b.name FROM people AS p JOIN people AS b ON p.boss = b.id;

== input people
+I 1 null ada
+I 2 1 bob
+I 3 2 cyd
+I 4 9 dan
+I 9 1 eve

== final s
bob ada
cyd bob
dan eve
eve ada
