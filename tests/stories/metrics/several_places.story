# Not Flink's: the functions are components.
# Functions that stand at several places, in several INSERTs, are counted together: rows and errors, in batch mode too.

== sql
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'null');
CREATE FUNCTION kept AS 'positive' LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'skip');
CREATE FUNCTION halfway AS 'table' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'second');
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'trap');

CREATE TABLE t (k STRING, x BIGINT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE pairs (k STRING, a BIGINT, b BIGINT) WITH ('connector' = 'script');
CREATE TABLE few (k STRING, a BIGINT) WITH ('connector' = 'script');
CREATE TABLE halves (k STRING, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE sums (k STRING, a BIGINT, b BIGINT, d BIGINT) WITH ('connector' = 'script');

EXECUTE STATEMENT SET BEGIN
INSERT INTO pairs SELECT k, positive(x), positive(y) FROM t;
INSERT INTO few SELECT k, kept(x) FROM t WHERE positive(y) > 3;
INSERT INTO halves SELECT k, h FROM t, LATERAL TABLE(halfway(x)) AS T(h);
INSERT INTO halves SELECT k, h FROM t, LATERAL TABLE(halfway(y)) AS T(h);
INSERT INTO sums SELECT k, total(x), total(y) FILTER (WHERE x > 2), total(DISTINCT x) FROM t GROUP BY k;
END;

== input t
+I a 5 1
+I b 13 13
+I a -2 7
+I a 5 4
+I c -1 13
+I b 8 -3

== final pairs
a 5 1
a 5 4
a null 7
b 13 13
b 8 null
c null 13

== final few
a 5
b 13

== final halves
a -19
a -20
a 10
a 11
a 40
a 41
a 50
a 50
a 51
a 51
a 70
a 71
b -29
b -30
b 130
b 130
b 80
b 81
c -10
c -9
c 130

== final sums
a 8 5 3
b 8 -3 8
c -1 0 -1

== functions
halfway: 12 rows, 3 traps
kept: 4 rows, 2 errors
positive: 18 rows, 4 errors
total: 15 rows, 3 traps
