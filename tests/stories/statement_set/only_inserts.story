# A statement set holds INSERTs only.

== sql
CREATE TABLE t (k STRING, x INT) WITH ('connector' = 'script');
CREATE TABLE counts (k STRING, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
CREATE TABLE big (k STRING, x INT) WITH ('connector' = 'script');
EXECUTE STATEMENT SET BEGIN
INSERT INTO big SELECT k, x FROM t;
SELECT 1;
END;

== error
expected INSERT or END, found SELECT (line 6, column 1)
