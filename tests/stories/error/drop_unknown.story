# DROP of a table that is not there.

== sql
CREATE TABLE words (word STRING) WITH ('connector' = 'script');
DROP TABLE IF EXISTS wrds;
DROP TABLE wrds;

== error
table 'wrds' is not known (line 3, column 12); did you mean `words`?
