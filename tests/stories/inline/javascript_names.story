# The SDK's names are in scope in a body; words in comments are no statements.

== sql
CREATE TABLE t (x DECIMAL(5, 2)) WITH ('connector' = 'script');
CREATE TABLE s (x DECIMAL(5, 2)) WITH ('connector' = 'script');
CREATE FUNCTION twice(x DECIMAL(5, 2)) RETURNS DECIMAL(5, 2) LANGUAGE JAVASCRIPT AS $$
  /* no yield */
  return new Decimal(x.unscaled * 2n, x.scale);
$$;
INSERT INTO s SELECT twice(x) FROM t;

== input t
+I 1.25

== final s
2.50
