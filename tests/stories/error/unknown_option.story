# An option that the connector does not know; the nearest one is suggested.

== sql
CREATE TABLE t (a INT) WITH ('connector' = 'script', 'changelog-moed' = 'I');
CREATE TABLE s (a INT) WITH ('connector' = 'script');
INSERT INTO s SELECT a FROM t;

== error
connector 'script' has no option 'changelog-moed' (line 1, column 54), in table `t`; did you mean one of `changelog-mode`, `sink.changelog-mode`?
