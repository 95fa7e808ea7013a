# A remainder has the type of its divisor; NULLIF that of its first value; of FLOAT and DOUBLE the first stays. As in Flink 2.3.

== sql
CREATE TABLE t (l BIGINT, i INT, s SMALLINT, y TINYINT, m DECIMAL(5, 2), f FLOAT, g DOUBLE) WITH ('connector' = 'script');
CREATE VIEW v AS SELECT l % i AS li, i % l AS il, s % y AS sy, m % i AS mi, i % m AS im, MOD(l, i) AS mli,
  MOD(l, CAST(2 AS TINYINT)) AS mly, l % 10 AS l10, NULLIF(i, l) AS nil, NULLIF(m, i) AS nmi, f + g AS fg, g + f AS gf,
  f * g AS ffg, CASE WHEN i > 0 THEN f ELSE g END AS cfg, IF(i > 0, f, g) AS ifg, COALESCE(f, g) AS kfg,
  COALESCE(i, f) AS kif, COALESCE(m, f) AS kmf, GREATEST(f, i) AS gfi, GREATEST(f, g) AS gfg, f + i AS fi, f + m AS fm,
  CEIL(m) AS cm FROM t;
DESCRIBE v;

== output
+I li INT TRUE null null null
+I il BIGINT TRUE null null null
+I sy TINYINT TRUE null null null
+I mi "DECIMAL(5, 2)" TRUE null null null
+I im "DECIMAL(5, 2)" TRUE null null null
+I mli INT TRUE null null null
+I mly TINYINT TRUE null null null
+I l10 INT TRUE null null null
+I nil INT TRUE null null null
+I nmi "DECIMAL(5, 2)" TRUE null null null
+I fg FLOAT TRUE null null null
+I gf DOUBLE TRUE null null null
+I ffg FLOAT TRUE null null null
+I cfg FLOAT TRUE null null null
+I ifg FLOAT TRUE null null null
+I kfg DOUBLE TRUE null null null
+I kif FLOAT TRUE null null null
+I kmf FLOAT TRUE null null null
+I gfi FLOAT TRUE null null null
+I gfg DOUBLE TRUE null null null
+I fi FLOAT TRUE null null null
+I fm DOUBLE TRUE null null null
+I cm "DECIMAL(5, 0)" TRUE null null null
