# Rows are taken by the places of their fields, whatever their names; numbers inside of lists widen.

== sql
CREATE TABLE t (k INT, a DOUBLE, b DOUBLE, i INT) WITH ('connector' = 'script');
CREATE TABLE s (k INT, sum DOUBLE, total BIGINT, biggest STRING) WITH ('connector' = 'script');
CREATE FUNCTION both(p ROW<x DOUBLE, y DOUBLE>) RETURNS DOUBLE LANGUAGE PYTHON AS $$ p.x + p.y $$;
CREATE FUNCTION total(l ARRAY<BIGINT>) RETURNS BIGINT LANGUAGE JAVASCRIPT AS $$ return l.reduce((sum, x) => sum + (x ?? 0n), 0n); $$;
CREATE FUNCTION longest(p ROW<n BIGINT, text STRING>) RETURNS STRING LANGUAGE PYTHON AS $$
class longest:
    best: str | None = None

    def accumulate(self, p):
        if self.best is None or len(p.text) > len(self.best):
            self.best = p.text

    def evaluate(self):
        return self.best
$$;
INSERT INTO s SELECT k, SUM(both(ROW(a, b))), SUM(total(ARRAY[i, 2 * i, CAST(NULL AS INT)])), longest(ROW(i, CAST(a AS STRING)))
FROM t GROUP BY k;

== input t
+I 1 1.0 2.0 1
+I 1 10.5 20.0 2
+I 2 0.25 0.5 3

== final s
1 33.5 9 10.5
2 0.75 9 0.25
