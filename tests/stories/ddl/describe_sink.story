# A sink's columns, computed ones included: its connector cannot be read, and is not asked.

== sql
CREATE TABLE z (a INT NOT NULL, b AS a + 1, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH ('connector' = 'print');
DESCRIBE z;

== output
+I a INT FALSE null null null
+I b INT FALSE null "AS a + 1" null
+I ts "TIMESTAMP(3) *ROWTIME*" TRUE null null "ts - INTERVAL '5' SECOND"
