# Not Flink's: the source of functions stands in the SQL.
# Aggregates in Python: one whose fields are its state, and one whose state is all that it holds. Rows of `counts` are
# updated, so the median takes rows back.

== sql
CREATE FUNCTION mean(x BIGINT NOT NULL) RETURNS DOUBLE LANGUAGE PYTHON AS $$
class Mean:
    "The arithmetic mean."
    sum: int = 0
    count: int = 0

    def accumulate(self, x):
        self.sum += x
        self.count += 1

    def retract(self, x):
        self.sum -= x
        self.count -= 1

    def merge(self, other):
        self.sum += other.sum
        self.count += other.count

    def evaluate(self):
        return self.sum / self.count if self.count else None
$$;
CREATE FUNCTION median(x BIGINT NOT NULL) RETURNS BIGINT LANGUAGE PYTHON AS $$
import bisect

class median:
    def __init__(self):
        self.seen = []

    def accumulate(self, x):
        bisect.insort(self.seen, x)

    def retract(self, x):
        self.seen.remove(x)

    def value(self):
        return self.seen[len(self.seen) // 2] if self.seen else None
$$;

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, mean DOUBLE, average BIGINT) WITH ('connector' = 'script');
CREATE TABLE m (one INT, typical BIGINT, mean DOUBLE) WITH ('connector' = 'script');
EXECUTE STATEMENT SET BEGIN
  INSERT INTO s SELECT k, mean(x), AVG(x) FROM t GROUP BY k;
  INSERT INTO m SELECT 1, median(cnt), mean(cnt) FROM (SELECT k, COUNT(*) AS cnt FROM t GROUP BY k);
END;

== input t
+I a 1
+I b 10
+I a 2
+I a 6
+I b -10
+I c null

== final s
a 3.0 3
b 0.0 0
c null null

== final m
1 2 2.0
