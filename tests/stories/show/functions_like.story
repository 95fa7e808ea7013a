# Functions by a pattern.

== sql
CREATE TABLE orders (id BIGINT NOT NULL, name STRING COMMENT 'who', price DECIMAL(10, 2), ts TIMESTAMP(3), total AS price * 2, pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE other (k STRING) WITH ('connector' = 'script');
CREATE VIEW cheap AS SELECT id, name FROM orders WHERE price < 10;
SHOW FUNCTIONS LIKE 'sha%';

== output
+I sha1 null
+I sha2 null
+I sha224 null
+I sha256 null
+I sha384 null
+I sha512 null
