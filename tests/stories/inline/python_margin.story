# A body may have lines at the margin: comments, and texts over several lines, which stay as they are.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE TABLE s (x STRING) WITH ('connector' = 'script');
CREATE FUNCTION f(x INT) RETURNS STRING LANGUAGE PYTHON AS $$
    y = """a
  b"""
# At the margin.
    return f"{y} {x}".replace("\n", "|")
$$;
INSERT INTO s SELECT f(x) FROM t;

== input t
+I 1

== final s
"a|  b 1"
