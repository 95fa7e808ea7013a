# Not Flink's: the source of functions stands in the SQL.
# What is granted of the environment is where Node.js has it.

== sql
CREATE FUNCTION mode(name STRING) RETURNS STRING LANGUAGE JAVASCRIPT WITH ('grant.env.MODE' = 'fast') AS $$
  return process.env[name] ?? `no ${name} in ${Object.keys(process.env)}`;
$$;

CREATE TABLE t (name STRING) WITH ('connector' = 'script');
CREATE TABLE s (name STRING, x STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT name, mode(name) FROM t;

== input t
+I MODE
+I PATH

== final s
MODE fast
PATH "no PATH in MODE"
