# Not Flink's: the functions are components.
# A group whose value cannot be given, as its function traps, has none; the job goes on.
sizes: yes

== sql
CREATE FUNCTION total LANGUAGE WASM USING COMPONENT 'tests/functions/hostile/hostile.wasm' WITH ('on-error' = 'null', 'option.how' = 'evaluate-trap');

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, sum_x BIGINT, cnt BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'script');
INSERT INTO s SELECT k, total(x), COUNT(*) FROM t GROUP BY k;

== input t
+I a 5
+I b 2
+I a 1

== final s
a null 2
b null 1
