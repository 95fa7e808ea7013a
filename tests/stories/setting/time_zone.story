# A time zone that does not exist.

== sql
SET 'table.local-time-zone' = 'Europe/Bärlin';

== error
option 'table.local-time-zone' cannot be 'Europe/Bärlin': it takes an IANA name such as 'Europe/Berlin' or an offset such as '+02:00' (line 1, column 5)
