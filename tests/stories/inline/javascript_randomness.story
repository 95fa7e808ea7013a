# Not Flink's: the source of functions stands in the SQL.
# Random numbers are the same in every instance, unless randomness is granted.

== sql
CREATE FUNCTION one(x BIGINT) RETURNS DOUBLE LANGUAGE JAVASCRIPT AS 'Math.random() + 0 * Number(x)';
CREATE FUNCTION other(x BIGINT) RETURNS DOUBLE LANGUAGE JAVASCRIPT AS 'Math.random() + 0 * Number(x)';
CREATE FUNCTION granted(x BIGINT) RETURNS DOUBLE LANGUAGE JAVASCRIPT WITH ('grant.randomness' = 'true') AS 'Math.random() + 0 * Number(x)';
CREATE FUNCTION granted_too(x BIGINT) RETURNS DOUBLE LANGUAGE JAVASCRIPT WITH ('grant.randomness' = 'true') AS 'Math.random() + 0 * Number(x)';

CREATE TABLE t (x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (x BIGINT, fixed BOOLEAN, free BOOLEAN) WITH ('connector' = 'script');
INSERT INTO s SELECT x, one(x) = other(x), granted(x) <> one(x) AND granted(x) <> granted_too(x) FROM t;

== input t
+I 1
+I 2
+I 3

== final s
1 true true
2 true true
3 true true
