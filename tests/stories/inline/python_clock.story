# Not Flink's: the source of functions stands in the SQL.
# Clocks that are not granted stand still, and there is nothing else of the outside.

== sql
CREATE FUNCTION outside(x BIGINT) RETURNS STRING LANGUAGE PYTHON WITH ('on-error' = 'null') AS $$
    import datetime, os, time
    if x == 2:
        open("/etc/passwd").read()
    now = datetime.datetime.now(datetime.timezone.utc)
    return f"{x} {time.time():.0f} {now:%Y-%m-%d} {sorted(os.environ)}"
$$;

CREATE TABLE t (x BIGINT) WITH ('connector' = 'script');
CREATE TABLE s (x STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT outside(x) FROM t;

== input t
+I 1
+I 2
+I 3

== final s
"1 0 1970-01-01 []"
"3 0 1970-01-01 []"
null
