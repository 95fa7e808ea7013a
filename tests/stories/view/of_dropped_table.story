# A view whose table is gone says so, and does not offer itself instead.

== sql
CREATE TABLE events (x BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
CREATE VIEW event AS SELECT x FROM events;
CREATE VIEW even AS SELECT x FROM event;
DROP TABLE events;
SELECT * FROM even;

== error
table 'events' is not known (line 2, column 36), while expanding view 'event', while expanding view 'even'; there are none
