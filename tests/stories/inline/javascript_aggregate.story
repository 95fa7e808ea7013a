# Not Flink's: the source of functions stands in the SQL.
# Aggregates in JavaScript: one that says what its state is, and one whose state is all that it holds. Rows of `counts` are
# updated, so the median takes rows back.

== sql
CREATE FUNCTION mean(x BIGINT NOT NULL) RETURNS DOUBLE LANGUAGE JAVASCRIPT AS $$
class Mean {
  static state = { sum: BIGINT, count: BIGINT };
  sum = 0n;
  count = 0n;
  accumulate(x) { this.sum += x; this.count++; }
  retract(x) { this.sum -= x; this.count--; }
  merge(other) { this.sum += other.sum; this.count += other.count; }
  evaluate() { return this.count ? Number(this.sum) / Number(this.count) : null; }
}
$$;
CREATE FUNCTION median(x BIGINT NOT NULL) RETURNS BIGINT LANGUAGE JAVASCRIPT AS $$
class median {
  seen = [];
  accumulate(x) {
    this.seen.push(x);
    this.seen.sort((one, other) => (one < other ? -1 : Number(one > other)));
  }
  retract(x) { this.seen.splice(this.seen.indexOf(x), 1); }
  value() { return this.seen[this.seen.length >> 1] ?? null; }
}
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
