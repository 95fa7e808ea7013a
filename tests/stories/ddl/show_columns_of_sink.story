# As DESCRIBE has them.

== sql
CREATE TABLE z (a INT, b AS a + 1) WITH ('connector' = 'blackhole');
SHOW COLUMNS FROM z;

== output
+I a INT TRUE null null null
+I b INT TRUE null "AS a + 1" null
