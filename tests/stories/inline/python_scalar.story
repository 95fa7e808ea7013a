# Not Flink's: the source of functions stands in the SQL.
# Scalar functions in Python: a body, an expression, a definition; NULL is None.

== sql
CREATE FUNCTION plus(x BIGINT, y BIGINT) RETURNS BIGINT LANGUAGE PYTHON AS $$
    if x is None or y is None:
        return None
    return x + y
$$;
CREATE FUNCTION shout(text STRING) RETURNS STRING LANGUAGE PYTHON AS 'text.upper() + ''!'' if text else None';
CREATE FUNCTION slug(text STRING NOT NULL) RETURNS STRING LANGUAGE PYTHON AS $py$
import re

NOT_LETTERS = re.compile(r"[^a-z0-9]+")

def slug(text):
    return NOT_LETTERS.sub("-", text.lower()).strip("-$$")
$py$;

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
