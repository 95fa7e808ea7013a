# A group whose value cannot be given is named by its key, of DISTINCT values, too.

== sql
CREATE FUNCTION broken(x BIGINT NOT NULL) RETURNS BIGINT LANGUAGE PYTHON AS $$
class Broken:
    total: int = 0

    def accumulate(self, x):
        self.total += x

    def evaluate(self):
        if self.total > 2:
            raise ValueError("more than two")
        return self.total
$$;
CREATE TABLE t (k STRING, l INT, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, l INT, total BIGINT) WITH ('connector' = 'script');
INSERT INTO s SELECT k, l, broken(DISTINCT x) FROM t GROUP BY k, l;

== input t
+I a 1 1
+I a 1 1
+I b 2 2
+I b 2 2
+I b 2 1

== error
function 'broken' gave no value for a group: ValueError: more than two (line 10: raise ValueError("more than two")), whose key is (b, 2); to have NULL for such groups, declare the function WITH ('on-error' = 'null')
