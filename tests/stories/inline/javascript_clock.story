# Not Flink's: the source of functions stands in the SQL.
# Clocks that are not granted stand still, and there is nothing else of the outside.

== sql
CREATE FUNCTION outside(x BIGINT) RETURNS STRING LANGUAGE JAVASCRIPT WITH ('on-error' = 'null') AS $$
  if (x === 2n) fetch("http://localhost");
  return `${x} ${Date.now()} ${new Date().getFullYear()} ${JSON.stringify(process.env)}`;
$$;

CREATE TABLE t (x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (x STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT outside(x) FROM t;

== input t
+I 1
+I 2
+I 3

== final s
"1 0 1970 {}"
"3 0 1970 {}"
null
