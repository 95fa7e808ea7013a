# A cast to TIMESTAMP(p) leaves out the digits that the precision has not. Recorded with Flink 2.3, but for the time before
# 1970: there it becomes an earlier one, as all others (with up to three digits a later one in Flink, but not in literals).

== sql
CREATE TABLE t (x TIMESTAMP(6), l TIMESTAMP_LTZ(6)) WITH ('connector' = 'script');
CREATE TABLE s (a TIMESTAMP(6), b TIMESTAMP(6), c TIMESTAMP(6), d TIMESTAMP_LTZ(6), e TIMESTAMP(6)) WITH ('connector' = 'script');
INSERT INTO s SELECT CAST(x AS TIMESTAMP(1)), CAST(x AS TIMESTAMP(2)), CAST(x AS TIMESTAMP(5)), CAST(l AS TIMESTAMP_LTZ(2)),
  CAST('2020-01-01 00:00:00.987654' AS TIMESTAMP(2)) FROM t;

== input t
+I "2020-01-01 00:00:00.987654" "2020-01-01 00:00:00.987654Z"
+I "1969-12-31 23:59:59.987654" "1969-12-31 23:59:59.987654Z"
+I null null

== changelog s
+I 2020-01-01T00:00:00.900 2020-01-01T00:00:00.980 2020-01-01T00:00:00.987650 2020-01-01T00:00:00.980Z 2020-01-01T00:00:00.980
+I 1969-12-31T23:59:59.900 1969-12-31T23:59:59.980 1969-12-31T23:59:59.987650 1969-12-31T23:59:59.980Z 2020-01-01T00:00:00.980
+I null null null null 2020-01-01T00:00:00.980
