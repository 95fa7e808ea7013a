# A database that is not there is not made by reading it.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'jdbc', 'url' = 'jdbc:sqlite:/nowhere/x.db', 'table-name' = 't');
CREATE TABLE s (x INT) WITH ('connector' = 'script');
INSERT INTO s SELECT x FROM t;

== error
cannot connect to the SQLite database '/nowhere/x.db': error returned from database: (code: 14) unable to open database file; check the option 'url': that the file is there, is one of SQLite, and may be opened
