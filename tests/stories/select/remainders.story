# A remainder has the type of its divisor, as in Flink 2.3.

== sql
SET 'execution.runtime-mode' = 'batch';
CREATE VIEW t AS SELECT * FROM (VALUES
  (CAST(-17 AS BIGINT), 5, CAST(300 AS SMALLINT), CAST(7 AS TINYINT), CAST(1.25 AS DECIMAL(5, 2))),
  (CAST(5000000000 AS BIGINT), -2147483647, CAST(-9 AS SMALLINT), CAST(-128 AS TINYINT), CAST(-7.5 AS DECIMAL(5, 2)))
) AS t(b, i, s, y, m);
CREATE VIEW v AS SELECT b % i AS bi, i % b AS ib, s % y AS sy, y % s AS ys, m % i AS mi, i % m AS im, MOD(b, i) AS mbi,
  MOD(i, b) AS mib, b % 10 AS b10, MOD(b, CAST(-1 AS TINYINT)) AS least FROM t;
DESCRIBE v;
SELECT * FROM v;

== output
+I -2 5 6 7 1.25 0.00 -2 5 -7 0
+I 705032706 -2147483647 -9 -2 -7.50 -7.00 705032706 -2147483647 0 0
