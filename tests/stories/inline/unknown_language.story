# Not Flink's: the source of functions stands in the SQL.
# A language that there is no interpreter for.

== sql
CREATE FUNCTION half(x BIGINT) RETURNS BIGINT LANGUAGE COBOL AS $$ HALF X $$;

== error
there is no interpreter for functions in COBOL (line 1, column 56); write LANGUAGE PYTHON or JAVASCRIPT, or make a component
