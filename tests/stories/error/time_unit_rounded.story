# A unit that has no begin is refused when the query is planned.

== sql
SELECT FLOOR(TIMESTAMP '2020-01-01 00:00:00' TO DOY);

== error
a time cannot be rounded to DOY (line 1, column 24), in FLOOR; the units are MILLENNIUM, CENTURY, DECADE, YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND
