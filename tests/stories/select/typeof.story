# A type says whether it has NULL.

== sql
CREATE TABLE t (x BIGINT, y INT NOT NULL) WITH ('connector' = 'script');
CREATE TABLE s (a STRING, b STRING, c STRING, d STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT TYPEOF(x), TYPEOF(y), TYPEOF(1.5), TYPEOF(CAST(NULL AS INT)) FROM t;

== input t
+I 1 2
+I null 3

== changelog s
+I BIGINT "INT NOT NULL" "DECIMAL(2, 1) NOT NULL" INT
+I BIGINT "INT NOT NULL" "DECIMAL(2, 1) NOT NULL" INT
