# An inner join of two streams keeps both, and gives each pair once.
# Recorded with Flink 2.3.

== sql
CREATE TABLE orders (id INT, customer STRING, amount INT) WITH ('connector' = 'script');
CREATE TABLE customers (name STRING, city STRING) WITH ('connector' = 'script');
CREATE TABLE s (id INT, city STRING, amount INT) WITH ('connector' = 'script');
INSERT INTO s SELECT o.id, c.city, o.amount FROM orders AS o JOIN customers AS c ON o.customer = c.name;

== input orders
+I 1 ann 10
+I 2 bob 20

== input customers
+I ann Rome
+I ann Oslo

== input orders
+I 3 ann 30
+I 4 null 40

== input customers
+I bob Bonn
+I null Nowhere

== final s
1 Oslo 10
1 Rome 10
2 Bonn 20
3 Oslo 30
3 Rome 30
