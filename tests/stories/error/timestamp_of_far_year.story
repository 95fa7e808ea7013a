# With more than 6 digits after the second a timestamp reaches from 1677 to 2262.

== sql
SELECT TIMESTAMP '1600-01-01 00:00:00.1234567';

== error
the timestamp '1600-01-01 00:00:00.1234567' is out of range (line 1, column 18); with more than 6 digits after the second, a timestamp is one of the years 1677 to 2262; with at most 6, of any year
