# A text that defines another function than the one that is wanted.

== sql
CREATE TABLE t (x INT) WITH ('connector' = 'script');
CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE PYTHON AS $$
def g(y):
    return y
$$;
SELECT f(x) FROM t;

== error
cannot define function 'f': it defines `g`, but not `f`, and never gives a value: define `f`, or write `return …` (line 3, column 1)
