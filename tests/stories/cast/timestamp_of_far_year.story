# With more than 6 digits after the second a timestamp reaches from 1677 to 2262.

== sql
SELECT CAST('1600-01-01 00:00:00' AS TIMESTAMP(7));

== error
the timestamp '1600-01-01 00:00:00' is out of range, while evaluating `CAST_DIGITS(CAST(1600-01-01 00:00:00), 100)`; with more than 6 digits after the second, a timestamp is one of the years 1677 to 2262; with at most 6, of any year
