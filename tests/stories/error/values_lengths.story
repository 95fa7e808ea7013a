# A row that has not as many values as the first is shown.

== sql
CREATE TABLE s (a INT, b STRING) WITH ('connector' = 'script');
INSERT INTO s VALUES (1, 'a'),
  (2);

== error
row 2 of VALUES has 1 values, not 2 (line 3, column 4)
