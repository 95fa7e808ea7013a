# The function of a computed column is created before the table.

== sql
CREATE TABLE z (a STRING, b AS twice(a)) WITH ('connector' = 'blackhole');
CREATE FUNCTION twice (x STRING) RETURNS STRING LANGUAGE JAVASCRIPT AS $$ return x + x; $$;

== error
function 'twice' is not known (line 1, column 32), in the computed column 'b'
