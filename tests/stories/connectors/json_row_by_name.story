# Fields of a ROW are found by name in JSON; one that is not there is NULL.

== sql
CREATE TABLE t (w ROW<lon DOUBLE, latitude DOUBLE, lat DOUBLE>) WITH ('connector' = 'filesystem', 'path' = 'tests/data/places.jsonl', 'format' = 'json');
CREATE TABLE s (lon DOUBLE, latitude DOUBLE, lat DOUBLE) WITH ('connector' = 'script');
INSERT INTO s SELECT w.lon, w.latitude, w.lat FROM t;

== final s
10.5 null 1.5
20.5 null 2.5
