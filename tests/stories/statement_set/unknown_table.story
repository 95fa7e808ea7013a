# One of the INSERTs is wrong: nothing runs.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
EXECUTE STATEMENT SET BEGIN
INSERT INTO big SELECT k, x FROM t;
INSERT INTO counts SELECT k, x FROM nowhere;
END;

== error
table 'nowhere' is not known (line 6, column 37); known are `big`, `counts`, `t`
