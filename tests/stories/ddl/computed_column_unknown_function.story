# A computed column is looked at when its table is declared, also that of a sink, which nobody reads.
# Flink 2.3 refuses it too.

== sql
CREATE TABLE z (
  a INT,
  b AS nofun(a)
) WITH ('connector' = 'print');

== error
function 'nofun' is not known (line 3, column 8), in the computed column 'b'
