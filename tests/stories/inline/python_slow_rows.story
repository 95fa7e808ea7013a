# Rows each of which has time enough, but not all of a batch together: calls are cut, whatever the kind of function and its
# policy.

== sql
CREATE FUNCTION slow_table(x BIGINT) RETURNS TABLE (v BIGINT) LANGUAGE PYTHON WITH ('timeout' = '800 ms') AS $$
i = 0
while i < 300000:
    i += 1
yield x
$$;
CREATE FUNCTION slow_total_skipping(x BIGINT) RETURNS BIGINT LANGUAGE PYTHON WITH ('timeout' = '800 ms', 'on-error' = 'skip') AS $$
class slow_total_skipping:
    def __init__(self):
        self.total = 0
    def accumulate(self, x):
        i = 0
        while i < 300000:
            i += 1
        self.total += x
    def value(self):
        return self.total
$$;
CREATE TABLE t (x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (what STRING, n BIGINT, v BIGINT) WITH ('connector' = 'script');
INSERT INTO s
SELECT 'table', COUNT(*), SUM(v) FROM t, LATERAL TABLE(slow_table(x)) AS u(v)
UNION ALL SELECT 'skipping', COUNT(*), slow_total_skipping(x) FROM t;

== input t
+I 0
+I 1
+I 2
+I 3
+I 4
+I 5
+I 6
+I 7
+I 8
+I 9
+I 10
+I 11
+I 12
+I 13
+I 14
+I 15
+I 16
+I 17
+I 18
+I 19
+I 20
+I 21
+I 22
+I 23
+I 24
+I 25
+I 26
+I 27
+I 28
+I 29
+I 30
+I 31
+I 32
+I 33
+I 34
+I 35
+I 36
+I 37
+I 38
+I 39

== final s
skipping 40 780
table 40 780
