# An interval of months has no days.

== sql
SELECT EXTRACT(DAY FROM INTERVAL '1-2' YEAR TO MONTH);

== error
the interval has no DAY (line 1, column 34), in EXTRACT; the units are MILLENNIUM, CENTURY, YEAR, QUARTER, MONTH
