# A table is declared with its columns.

== sql
CREATE TABLE t LIKE u;

== error
CREATE TABLE … LIKE is not supported; declare the columns and options again (line 1, column 16)
