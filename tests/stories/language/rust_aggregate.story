# Not Flink's: the functions are components.
# An aggregate of a package in Rust. Rows of `t` are updated and counts of counts are, so that it takes rows back; its
# state moves with every restore; windows that hop merge those of their panes.
batch: no

== sql
CREATE FUNCTION my_total AS 'total' LANGUAGE WASM USING COMPONENT 'tests/functions/same/rust/same.wasm';

CREATE TABLE t (k STRING, x BIGINT) WITH ('connector' = 'script', 'changelog-mode' = 'I,UB,UA,D');
CREATE TABLE e (x BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'script');
CREATE TABLE s (k STRING, mine BIGINT, total BIGINT) WITH ('connector' = 'script');
CREATE TABLE c (one INT, mine BIGINT, total BIGINT) WITH ('connector' = 'script');
CREATE TABLE w (window_start TIMESTAMP(3), mine BIGINT, total BIGINT) WITH ('connector' = 'script');
EXECUTE STATEMENT SET BEGIN
  INSERT INTO s SELECT k, my_total(x), SUM(x) FROM t GROUP BY k;
  INSERT INTO c SELECT 1, my_total(total), SUM(total) FROM (SELECT k, SUM(x) AS total FROM t GROUP BY k) GROUP BY 1;
  INSERT INTO w
  SELECT window_start, my_total(x), SUM(x) FROM TABLE(HOP(TABLE e, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND))
  GROUP BY window_start, window_end;
END;

== input t
+I a 1
+I a 5
+I b 7
-U a 5
+U a 3
+I c null
-D b 7
-D a 1
+I b -2

== input e
+I 1 "2024-01-01 00:00:01"
+I 2 "2024-01-01 00:00:04"
+I null "2024-01-01 00:00:06"
+I 4 "2024-01-01 00:00:09"
+I 8 "2024-01-01 00:00:12"
+I 16 "2024-01-01 00:00:22"

== changelog s
+I a 1 1
-U a 1 1
+U a 6 6
+I b 7 7
-U a 6 6
+U a 1 1
-U a 1 1
+U a 4 4
+I c null null
-D b 7 7
-U a 4 4
+U a 3 3
+I b -2 -2

== final s
a 3 3
b -2 -2
c null null

== final c
1 1 1

== final w
2023-12-31T23:59:55 3 3
2024-01-01T00:00:00 7 7
2024-01-01T00:00:05 12 12
2024-01-01T00:00:10 8 8
2024-01-01T00:00:15 16 16
2024-01-01T00:00:20 16 16
