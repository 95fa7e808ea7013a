# A view is dropped as one.

== sql
CREATE VIEW v AS SELECT 1 AS x;
DROP TABLE v;

== error
'v' is a view (line 2, column 12); write DROP VIEW
