# A precision that no TIMESTAMP_LTZ has.

== sql
SELECT TO_TIMESTAMP_LTZ(0, 10);

== error
the precision must be between 0 and 9, not 10 (line 1, column 8), in TO_TIMESTAMP_LTZ
