# Values of options are looked at when the table is declared, where the option stands.

== sql
CREATE TABLE t (x INT) WITH (
  'connector' = 'datagen',
  'fields.x.min' = 'one'
);

== error
option 'fields.x.min' = 'one' must be a number (line 3, column 3), in table `t`
