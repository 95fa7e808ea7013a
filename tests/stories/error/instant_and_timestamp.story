# What lies between an instant and a time on a clock depends on where the clock hangs. Flink refuses it too.

== sql
SELECT TIMESTAMPDIFF(HOUR, TIMESTAMP '1970-01-01 00:00:00', TO_TIMESTAMP_LTZ(0, 3));

== error
TIMESTAMPDIFF does not take arguments of type (STRING, TIMESTAMP(0), TIMESTAMP_LTZ(3)); its signature is TIMESTAMPDIFF(unit, from, to) (line 1, column 8)
