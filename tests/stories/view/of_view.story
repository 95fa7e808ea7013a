# Views stand for their queries; views of views too.
# Recorded with Flink 2.3.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE VIEW positive AS SELECT k, x FROM t WHERE x > 0;
CREATE VIEW doubled (name, twice) AS SELECT k, x * 2 FROM positive;
CREATE TABLE s (name STRING, twice INT) WITH ('connector' = 'script');
INSERT INTO s SELECT name, twice FROM doubled WHERE twice < 100;

== input t
+I a 5
+I b -1
+I c 70

== changelog s
+I a 10

== final s
a 10
