# Not Flink's: the functions are components.
# An aggregate leaves rows out that trap, with rows that are taken back among them.
sizes: yes

== sql
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'skip', 'option.how' = 'trap');

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, sum_x BIGINT, cnt BIGINT) WITH ('connector' = 'script');

INSERT INTO s SELECT k, total(x), COUNT(*) FROM t GROUP BY k;

== input t
+I a 5
+I b 13
+I a 13
+I b 1
+I a 2
+I c 13
+I b 4
+I a 7
+I c 6

== final s
a 14 4
b 5 3
c 6 2

== functions
total: 9 rows, 3 traps
