# A number beyond all decimals is none, however far beyond.

== sql
SELECT TRY_CAST(s AS DECIMAL(38, 2)) FROM (VALUES ('1e2147483647'), ('1e2147483646'), ('1e40'), ('-1e2147483647'), ('1e-2147483648'), ('1e30')) AS t(s);

== output
+I null
+I null
+I null
+I null
+I 0.00
+I 1000000000000000000000000000000.00
