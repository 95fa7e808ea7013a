# Those columns whose names are like a pattern.

== sql
CREATE TABLE orders (id BIGINT NOT NULL, order_name STRING, order_price DECIMAL(10, 2)) WITH ('connector' = 'script');
SHOW COLUMNS FROM orders LIKE 'order%';

== output
+I order_name STRING TRUE null null null
+I order_price "DECIMAL(10, 2)" TRUE null null null
