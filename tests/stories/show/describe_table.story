# Types, NULLs, keys, computed columns and watermarks.

== sql
CREATE TABLE orders (id BIGINT NOT NULL, name STRING COMMENT 'who', price DECIMAL(10, 2), ts TIMESTAMP(3), total AS price * 2, pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE other (k STRING) WITH ('connector' = 'script');
CREATE VIEW cheap AS SELECT id, name FROM orders WHERE price < 10;
DESCRIBE orders;

== output
+I id BIGINT FALSE PRI(id) null null
+I name STRING TRUE null null null
+I price "DECIMAL(10, 2)" TRUE null null null
+I ts "TIMESTAMP(3) *ROWTIME*" TRUE null null "ts - INTERVAL '5' SECOND"
+I total "DECIMAL(21, 2)" TRUE null "AS price * 2" null
+I pt "TIMESTAMP_LTZ(3) *PROCTIME*" TRUE null "AS PROCTIME()" null
