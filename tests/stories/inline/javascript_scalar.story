# Not Flink's: the source of functions stands in the SQL.
# Scalar functions in JavaScript: a body, an expression, a definition; NULL is null.

== sql
CREATE FUNCTION plus(x BIGINT, y BIGINT) RETURNS BIGINT LANGUAGE JAVASCRIPT AS $$
  if (x === null || y === null) return null;
  return x + y;
$$;
CREATE FUNCTION shout(text STRING) RETURNS STRING LANGUAGE JAVASCRIPT AS 'text ? text.toUpperCase() + "!" : null';
CREATE FUNCTION slug(text STRING NOT NULL) RETURNS STRING LANGUAGE JAVASCRIPT AS $js$
const notLetters = /[^a-z0-9]+/g;

function slug(text) {
  return `${text.toLowerCase().replace(notLetters, "-")}$$`.replace("$$", "").replace(/^-|-$/g, "");
}
$js$;

CREATE TABLE t (a BIGINT, b BIGINT, x STRING) WITH ('connector' = 'script');
CREATE TABLE s (total BIGINT, x STRING, y STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT plus(a, b), shout(x), slug(x) FROM t;

== input t
+I 1 2 "Hello, World"
+I null 2 null
+I -5 7 éa

== final s
2 ÉA! a
3 "HELLO, WORLD!" hello-world
null null null
