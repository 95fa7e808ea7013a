# A unit that TIMESTAMPADD has not is refused when the query is planned.

== sql
SELECT TIMESTAMPADD(MICROSECOND, 5, TIMESTAMP '2020-01-01 00:00:00');

== error
to a time cannot be added a MICROSECOND (line 1, column 8), in TIMESTAMPADD; the units are MILLISECOND, SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR, DECADE, CENTURY, MILLENNIUM
