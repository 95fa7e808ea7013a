# A literal pattern is checked when the query is planned.

== sql
SELECT DATE_FORMAT(TIMESTAMP '2020-01-01 00:00:00', 'HHH');

== error
`H` stands 3 times in a row in a pattern; at most 2 times (line 1, column 8), in DATE_FORMAT
