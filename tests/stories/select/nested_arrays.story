# An item of an array of arrays is an array, and stays in one piece.

== sql
CREATE TABLE t (x INT, y INT) WITH ('connector' = 'script');
CREATE TABLE s (kept STRING, emptied STRING, appended STRING, prepended STRING, both_of STRING) WITH ('connector' = 'script');
INSERT INTO s SELECT
  CAST(ARRAY_REMOVE(ARRAY[ARRAY[x]], ARRAY_SLICE(ARRAY[x], 2)) AS STRING),
  CAST(ARRAY_REMOVE(ARRAY[ARRAY[x, y]], ARRAY[x, y]) AS STRING),
  CAST(ARRAY_APPEND(ARRAY[ARRAY[x]], ARRAY[y]) AS STRING),
  CAST(ARRAY_PREPEND(ARRAY[ARRAY[x]], ARRAY[y]) AS STRING),
  CAST(ARRAY_UNION(ARRAY[ARRAY[x]], ARRAY[ARRAY[y], ARRAY[x]]) AS STRING)
FROM t;

== input t
+I 1 2
+I 3 4

== final s
[[1]] [] "[[1], [2]]" "[[2], [1]]" "[[1], [2]]"
[[3]] [] "[[3], [4]]" "[[4], [3]]" "[[3], [4]]"
