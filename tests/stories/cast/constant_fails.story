# A constant that cannot be cast.

== sql
CREATE TABLE t (x STRING) WITH ('connector' = 'script');
CREATE TABLE s (d DATE) WITH ('connector' = 'script');
INSERT INTO s SELECT CAST('2024-02-30' AS DATE) FROM t;

== input t
+I a

== error
cannot cast '2024-02-30' to DATE, while evaluating `CAST(2024-02-30)`
