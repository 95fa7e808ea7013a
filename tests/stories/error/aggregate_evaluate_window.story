# In a window, too.

== sql
CREATE FUNCTION broken(x BIGINT NOT NULL) RETURNS BIGINT LANGUAGE PYTHON AS $$
class Broken:
    total: int = 0

    def accumulate(self, x):
        self.total += x

    def merge(self, other):
        self.total += other.total

    def evaluate(self):
        if self.total > 2:
            raise ValueError("more than two")
        return self.total
$$;
CREATE TABLE t (k STRING, x BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, total BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, broken(x) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY k, window_start, window_end;

== input t
+I a 1 "2020-01-01 00:00:00"
+I b 3 "2020-01-01 00:01:00"

== error
function 'broken' gave no value for a group: ValueError: more than two (line 13: raise ValueError("more than two")), whose key is (b); to have NULL for such groups, declare the function WITH ('on-error' = 'null')
