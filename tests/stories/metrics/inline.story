# Not Flink's: the source of functions stands in the SQL.
# Inline functions are counted as others are, of whatever kind, in batch mode too.

== sql
CREATE FUNCTION half(x BIGINT) RETURNS DOUBLE LANGUAGE PYTHON WITH ('on-error' = 'null') AS $$
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x / 2
$$;
CREATE FUNCTION halves(x BIGINT) RETURNS TABLE (h DOUBLE) LANGUAGE PYTHON WITH ('on-error' = 'skip') AS $$
    if x % 2:
        raise ValueError(f"{x} is odd")
    yield x / 2
    yield x / 2
$$;
CREATE FUNCTION total(x BIGINT NOT NULL) RETURNS BIGINT LANGUAGE JAVASCRIPT WITH ('on-error' = 'skip') AS $$
class Total {
  static state = { sum: BIGINT };
  sum = 0n;
  accumulate(x) {
    if (x < 0n) throw new Error(`${x} is negative`);
    this.sum += x;
  }
  retract(x) { this.sum -= x; }
  merge(other) { this.sum += other.sum; }
  evaluate() { return this.sum; }
}
$$;

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, h DOUBLE) WITH ('connector' = 'script');
CREATE TABLE r (k STRING, h DOUBLE) WITH ('connector' = 'script');
CREATE TABLE g (k STRING, total BIGINT) WITH ('connector' = 'script');
EXECUTE STATEMENT SET BEGIN
  INSERT INTO s SELECT k, half(x) FROM t;
  INSERT INTO r SELECT k, h FROM t, LATERAL TABLE(halves(x)) AS T(h);
  INSERT INTO g SELECT k, total(x) FROM t GROUP BY k;
END;

== input t
+I a 2
+I b 3
+I a -4
+I b 8

== final s
a -2.0
a 1.0
b 4.0
b null

== final r
a -2.0
a -2.0
a 1.0
a 1.0
b 4.0
b 4.0

== final g
a 2
b 11

== functions
half: 4 rows, 1 errors
halves: 4 rows, 1 errors
total: 4 rows, 1 errors
