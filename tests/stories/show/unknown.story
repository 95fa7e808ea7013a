# What can be shown is listed.

== sql
CREATE TABLE orders (id BIGINT NOT NULL, name STRING COMMENT 'who', price DECIMAL(10, 2), ts TIMESTAMP(3), total AS price * 2, pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE other (k STRING) WITH ('connector' = 'script');
CREATE VIEW cheap AS SELECT id, name FROM orders WHERE price < 10;
SHOW JOBS;

== error
expected TABLES, VIEWS, FUNCTIONS, COLUMNS, CREATE TABLE, CREATE VIEW or CREATE FUNCTION, found JOBS (line 4, column 6)
