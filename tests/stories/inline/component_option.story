# Not Flink's: the source of functions stands in the SQL.
# A digest is of a component.

== sql
CREATE FUNCTION half(x BIGINT) RETURNS BIGINT LANGUAGE PYTHON AS 'x // 2' WITH ('sha256' = 'ab');

== error
option 'sha256' of function 'half' is for components: the source of an inline function stands here (line 1, column 81)
