# A table that is not there; the nearest name is suggested.

== sql
CREATE TABLE orders (a INT) WITH ('connector' = 'script');
CREATE TABLE s (a INT) WITH ('connector' = 'script');
INSERT INTO s
SELECT a
FROM order_s;

== error
table 'order_s' is not known (line 5, column 6); did you mean `orders`?
