# Flink's: a map with equal keys keeps the last.

== sql
CREATE TABLE t (a STRING, b STRING) WITH ('connector' = 'script');
CREATE TABLE s (a STRING, m STRING, n INT) WITH ('connector' = 'script');
INSERT INTO s SELECT a, CAST(MAP[a, 1, b, 2] AS STRING), MAP[a, 1, b, 2][a] FROM t;

== input t
+I x y
+I z z

== final s
x "{x=1, y=2}" 1
z {z=2} 2
