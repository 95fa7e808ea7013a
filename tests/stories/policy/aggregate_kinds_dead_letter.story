# Not Flink's: the functions are components.
# Aggregates that send rows to a table, over all rows, with keys that are computed, with DISTINCT and FILTER, beside others
# that do not; over what a function gives that drops rows itself.
sizes: yes

== sql
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures', 'option.how' = 'trap');
CREATE FUNCTION quiet AS 'total' LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'trap');
CREATE FUNCTION positive LANGUAGE WASM USING COMPONENT 'tests/functions/trial/trial.wasm' WITH ('on-error' = 'dead-letter', 'dead-letter.table' = 'failures');

CREATE TABLE t (k STRING, x BIGINT, y BIGINT) WITH ('connector' = 'script');
CREATE TABLE whole (n BIGINT, a BIGINT) WITH ('connector' = 'script');
CREATE TABLE by_key (k STRING, a BIGINT, b BIGINT, c BIGINT, d BIGINT, n BIGINT) WITH ('connector' = 'script');
CREATE TABLE above (k STRING, a BIGINT) WITH ('connector' = 'script');
CREATE TABLE failures (function_name STRING, arguments STRING, input_row STRING) WITH ('connector' = 'script', 'sink.changelog-mode' = 'append');

EXECUTE STATEMENT SET BEGIN
INSERT INTO whole SELECT COUNT(*), total(x) FROM t;
INSERT INTO by_key SELECT UPPER(k), total(x), quiet(x), total(DISTINCT y), total(y) FILTER (WHERE x < 9), MAX(x) FROM t GROUP BY UPPER(k);
INSERT INTO above SELECT k, a + y FROM (SELECT k, total(positive(x)) AS a, MAX(y) AS y FROM t GROUP BY k HAVING COUNT(*) > 1) WHERE a > 1;
END;

== input t
+I a 5 1
+I b 13 13
+I A -2 7
+I a 6 13
+I c 1 13
+I b 8 3
+I c 2 13
+I a 4 1

== final whole
8 24

== final by_key
A 13 13 8 9 6
B 8 8 3 3 13
C 3 3 0 0 2

== final above
a 28
b 21
c 16

== final failures
positive {"a":-2} {"k":"A","x":-2,"y":7}
total {"x":13} {"k":"b","y":13}
total {"x":13} {"x":1,"y":13}
total {"x":13} {"x":1,"y":13}
total {"x":13} {"x":13,"y":13}
total {"x":13} {"x":13,"y":13}
total {"x":13} {"x":13}
total {"x":13} {"x":2,"y":13}
total {"x":13} {"x":6,"y":13}
total {"x":13} {"x":6,"y":13}

== functions
positive: 8 rows, 1 errors
quiet: 8 rows, 1 traps
total: 36 rows, 9 traps
