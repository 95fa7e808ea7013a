# What is rounded up beyond the digits that its type has is NULL, not another number.

== sql
SELECT ROUND(d, -37), ROUND(d, -38), ROUND(d, 0) FROM (VALUES (CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0)))) AS t(d);

== output
+I null null 99999999999999999999999999999999999999
