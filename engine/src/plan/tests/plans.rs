//! Execution plans, with the changelog on every edge.

use expect_test::expect;

use super::{catalog, check, check_with};
use crate::config::Config;
use crate::connectors::ConnectorRegistry;
use crate::functions::catalog::FunctionCatalog;
use crate::plan::Planner;

#[test]
fn projection_and_filter_are_one_calc() {
    check(
        "SELECT word, n + 1 AS m, 'x' FROM words WHERE n > 1 AND word LIKE 'a%'",
        expect![[r#"
        Sink(table=[result], fields=[word, m, EXPR$2], parallelism=[1])
        +- Calc(select=[word, n + 1 AS m, x AS EXPR$2], where=[n > 1 AND word LIKE a%], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[word, n], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "SELECT m * 2 FROM (SELECT n + 1 AS m, word FROM words WHERE n > 1) WHERE m < 10",
        expect![[r#"
        Sink(table=[result], fields=[EXPR$0], parallelism=[1])
        +- Calc(select=[(n + 1) * 2 AS EXPR$0], where=[n > 1 AND n + 1 < 10], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[n], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "SELECT word, word, n AS word FROM words",
        expect![[r#"
        Sink(table=[result], fields=[word, word0, word1], parallelism=[1])
        +- Calc(select=[word, word AS word0, n AS word1], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[word, n], changelogMode=[I], parallelism=[1])
    "#]],
    );
}

#[test]
fn word_count() {
    check(
        "INSERT INTO counts SELECT word, COUNT(*) FROM words GROUP BY word",
        expect![[r#"
        Sink(table=[counts], fields=[word, cnt], parallelism=[1])
        +- Calc(select=[NOT_NULL(word) AS word, EXPR$1 AS cnt], changelogMode=[I,UA,D], parallelism=[1])
           +- GroupAggregate(groupBy=[word], select=[word, COUNT(*) AS EXPR$1], changelogMode=[I,UA,D], parallelism=[1])
              +- TableSourceScan(table=[words], fields=[word], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check_with(
        "SELECT word, COUNT(*) AS cnt FROM words GROUP BY word HAVING COUNT(*) > 1",
        &[("parallelism.default", "4")],
        expect![[r#"
            Sink(table=[result], fields=[word, cnt], parallelism=[4])
            +- Calc(select=[word, cnt], where=[cnt > 1], changelogMode=[I,UB,UA,D], parallelism=[4])
               +- GroupAggregate(groupBy=[word], select=[word, COUNT(*) AS cnt], changelogMode=[I,UB,UA,D], parallelism=[4])
                  +- Exchange(distribution=[hash[word]])
                     +- TableSourceScan(table=[words], fields=[word], changelogMode=[I], parallelism=[4])
        "#]],
    );
    check(
        "SELECT COUNT(DISTINCT word) FILTER (WHERE n > 0), SUM(n + 1), MAX(UPPER(word)) FROM words",
        expect![[r#"
        Sink(table=[result], fields=[EXPR$0, EXPR$1, EXPR$2], parallelism=[1])
        +- GroupAggregate(select=[COUNT(DISTINCT word) FILTER $f1 AS EXPR$0, SUM($f2) AS EXPR$1, MAX($f3) AS EXPR$2], changelogMode=[I,UB,UA,D], parallelism=[1])
           +- Calc(select=[word, n > 0 AS $f1, n + 1 AS $f2, UPPER(word) AS $f3], changelogMode=[I], parallelism=[1])
              +- TableSourceScan(table=[words], fields=[word, n], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "SELECT DISTINCT word FROM words",
        expect![[r#"
        Sink(table=[result], fields=[word], parallelism=[1])
        +- GroupAggregate(groupBy=[word], select=[word], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[word], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "SELECT c, COUNT(*) FROM (SELECT word, COUNT(*) AS c FROM words GROUP BY word) GROUP BY c",
        expect![[r#"
        Sink(table=[result], fields=[c, EXPR$1], parallelism=[1])
        +- GroupAggregate(groupBy=[c], select=[c, COUNT(*) AS EXPR$1], changelogMode=[I,UB,UA,D], parallelism=[1])
           +- Calc(select=[c], changelogMode=[I,UB,UA,D], parallelism=[1])
              +- GroupAggregate(groupBy=[word], select=[word, COUNT(*) AS c], changelogMode=[I,UB,UA,D], parallelism=[1])
                 +- TableSourceScan(table=[words], fields=[word], changelogMode=[I], parallelism=[1])
    "#]],
    );
}

#[test]
fn windows() {
    check(
        "SELECT window_start, window_end, word, COUNT(*) FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' HOUR))
         WHERE n > 1 GROUP BY window_start, window_end, word",
        expect![[r#"
            Sink(table=[result], fields=[window_start, window_end, word, EXPR$3], parallelism=[1])
            +- WindowAggregate(groupBy=[word], window=[TUMBLE(time_col=[ts], size=[1 h])], select=[start('w$) AS window_start, end('w$) AS window_end, word, COUNT(*) AS EXPR$3], changelogMode=[I], parallelism=[1])
               +- Calc(select=[word, ts], where=[n > 1], changelogMode=[I], parallelism=[1])
                  +- TableSourceScan(table=[words], fields=[word, n, ts], watermark=[ts: ts - 1000], changelogMode=[I], parallelism=[1])
        "#]],
    );
    check(
        "SELECT HOP_START(at, INTERVAL '5' MINUTE, INTERVAL '1' HOUR) AS s, SUM(price) FROM clicks
         GROUP BY HOP(at, INTERVAL '5' MINUTE, INTERVAL '1' HOUR), `user`",
        expect![[r#"
            Sink(table=[result], fields=[s, EXPR$1], parallelism=[1])
            +- Calc(select=[window_start AS s, EXPR$1], changelogMode=[I], parallelism=[1])
               +- WindowAggregate(groupBy=[user], window=[HOP(time_col=[at], size=[1 h], slide=[5 min])], select=[start('w$) AS window_start, end('w$) AS window_end, rowtime('w$) AS window_time, user, SUM(price) AS EXPR$1], changelogMode=[I], parallelism=[1])
                  +- TableSourceScan(table=[clicks], fields=[user, price, at], watermark=[at: at - 5000], changelogMode=[I], parallelism=[1])
        "#]],
    );
    check(
        "SELECT TUMBLE_END(pt, INTERVAL '1' MINUTE), COUNT(*) FROM clicks GROUP BY TUMBLE(pt, INTERVAL '1' MINUTE)",
        expect![[r#"
            Sink(table=[result], fields=[EXPR$0, EXPR$1], parallelism=[1])
            +- Calc(select=[window_end AS EXPR$0, EXPR$1], changelogMode=[I], parallelism=[1])
               +- WindowAggregate(window=[TUMBLE(time_col=[proctime], size=[1 min])], select=[start('w$) AS window_start, end('w$) AS window_end, rowtime('w$) AS window_time, COUNT(*) AS EXPR$1], changelogMode=[I], parallelism=[1])
                  +- TableSourceScan(table=[clicks], fields=[], changelogMode=[I], parallelism=[1])
        "#]],
    );
    check(
        "SELECT word, window_start FROM TABLE(HOP(DATA => TABLE words, TIMECOL => DESCRIPTOR(ts),
           SLIDE => INTERVAL '1' MINUTE, SIZE => INTERVAL '2' MINUTES)) WHERE n > 1 AND window_start > TIMESTAMP '2024-01-01 00:00:00'",
        expect![[r#"
            Sink(table=[result], fields=[word, window_start], parallelism=[1])
            +- Calc(select=[word, $window_start AS window_start], where=[$window_start > 1704067200000], changelogMode=[I], parallelism=[1])
               +- WindowTableFunction(window=[HOP(time_col=[ts], size=[2 min], slide=[1 min])], changelogMode=[I], parallelism=[1])
                  +- Calc(select=[word, n, ts], where=[n > 1], changelogMode=[I], parallelism=[1])
                     +- TableSourceScan(table=[words], fields=[word, n, ts], watermark=[ts: ts - 1000], changelogMode=[I], parallelism=[1])
        "#]],
    );
    // A cascade: the windows of windows.
    check(
        "SELECT window_start, window_end, SUM(c) FROM TABLE(TUMBLE(TABLE (
           SELECT window_time AS rowtime, COUNT(*) AS c FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
           GROUP BY window_start, window_end, window_time), DESCRIPTOR(rowtime), INTERVAL '1' HOUR))
         GROUP BY window_start, window_end",
        expect![[r#"
            user: expected ), found window_time (line 2, column 19)
        "#]],
    );
    // The window's columns are used in between.
    check(
        "SELECT window_start, window_end, h, COUNT(*) FROM (
           SELECT window_start, window_end, CAST(window_start AS STRING) AS h
           FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MINUTE)))
         GROUP BY window_start, window_end, h",
        expect![[r#"
            Sink(table=[result], fields=[window_start, window_end, h, EXPR$3], parallelism=[1])
            +- WindowAggregate(groupBy=[$f0], window=[win_start=$window_start, win_end=$window_end], select=[start('w$) AS window_start, end('w$) AS window_end, h, COUNT(*) AS EXPR$3], changelogMode=[I], parallelism=[1])
               +- Calc(select=[CAST($window_start) AS $f0, $window_start, $window_end], changelogMode=[I], parallelism=[1])
                  +- WindowTableFunction(window=[TUMBLE(time_col=[ts], size=[1 min])], changelogMode=[I], parallelism=[1])
                     +- TableSourceScan(table=[words], fields=[ts], watermark=[ts: ts - 1000], changelogMode=[I], parallelism=[1])
        "#]],
    );
}

#[test]
fn joins_and_unions() {
    check(
        "SELECT c.id, u.name FROM clicks AS c JOIN users AS u ON c.`user` = u.id AND c.price > 1 WHERE u.name <> 'x'",
        expect![[r#"
            Sink(table=[result], fields=[id, name], parallelism=[1])
            +- Calc(select=[id, name], changelogMode=[I], parallelism=[1])
               +- Join(joinType=[InnerJoin], where=[user = id], select=[id, user, id0, name], changelogMode=[I], parallelism=[1])
                  :- Calc(select=[id, user], where=[CAST(price) > 1.00], changelogMode=[I], parallelism=[1])
                  :  +- TableSourceScan(table=[clicks], fields=[id, user, price], changelogMode=[I], parallelism=[1])
                  +- Calc(select=[id, name], where=[name != x], changelogMode=[I], parallelism=[1])
                     +- TableSourceScan(table=[users], fields=[id, name], changelogMode=[I], parallelism=[1])
        "#]],
    );
    check(
        "SELECT w.word, v.n FROM words w, words v WHERE w.word = v.word AND w.n < v.n",
        expect![[r#"
        Sink(table=[result], fields=[word, n], parallelism=[1])
        +- Calc(select=[word, n0 AS n], changelogMode=[I], parallelism=[1])
           +- Join(joinType=[InnerJoin], where=[word = word AND n@1 < n0@3], select=[word, n, word0, n0], changelogMode=[I], parallelism=[1])
              :- TableSourceScan(table=[words], fields=[word, n], changelogMode=[I], parallelism=[1])(reference_id=[0])
              +- Reused(reference_id=[0])
    "#]],
    );
    check(
        "SELECT word, n FROM words UNION ALL SELECT name, 1.5 FROM users",
        expect![[r#"
        Sink(table=[result], fields=[word, n], parallelism=[1])
        +- Union(all=[true], union=[word, n], changelogMode=[I], parallelism=[1])
           :- Calc(select=[word, CAST(n) AS n], changelogMode=[I], parallelism=[1])
           :  +- TableSourceScan(table=[words], fields=[word, n], changelogMode=[I], parallelism=[1])
           +- Calc(select=[name AS word, 1.5 AS n], changelogMode=[I], parallelism=[1])
              +- TableSourceScan(table=[users], fields=[name], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "SELECT word FROM words UNION SELECT name FROM users",
        expect![[r#"
        Sink(table=[result], fields=[word], parallelism=[1])
        +- GroupAggregate(groupBy=[word], select=[word], changelogMode=[I], parallelism=[1])
           +- Union(all=[true], union=[word], changelogMode=[I], parallelism=[1])
              :- TableSourceScan(table=[words], fields=[word], changelogMode=[I], parallelism=[1])
              +- Calc(select=[name AS word], changelogMode=[I], parallelism=[1])
                 +- TableSourceScan(table=[users], fields=[name], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "INSERT INTO counts SELECT u.id, SUM(c.id) FROM clicks c JOIN users u ON c.`user` = u.id GROUP BY u.id",
        expect![[r#"
            Sink(table=[counts], fields=[word, cnt], parallelism=[1])
            +- Calc(select=[id AS word, EXPR$1 AS cnt], changelogMode=[I,UA,D], parallelism=[1])
               +- GroupAggregate(groupBy=[id0], select=[id0, SUM(id) AS EXPR$1], changelogMode=[I,UA,D], parallelism=[1])
                  +- Calc(select=[id0, id], changelogMode=[I], parallelism=[1])
                     +- Join(joinType=[InnerJoin], where=[user = id], select=[id, user, id0], changelogMode=[I], parallelism=[1])
                        :- TableSourceScan(table=[clicks], fields=[id, user], changelogMode=[I], parallelism=[1])
                        +- TableSourceScan(table=[users], fields=[id], changelogMode=[I], parallelism=[1])
        "#]],
    );
}

#[test]
fn views_common_tables_and_values() {
    check(
        "CREATE VIEW v (w, c) AS SELECT word, n FROM words; SELECT w FROM v WHERE c = 1",
        expect![[r#"
        Sink(table=[result], fields=[w], parallelism=[1])
        +- Calc(select=[word AS w], where=[n = 1], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[word, n], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "WITH a AS (SELECT word FROM words), b (x) AS (SELECT * FROM a) SELECT x FROM b AS c",
        expect![[r#"
        Sink(table=[result], fields=[x], parallelism=[1])
        +- Calc(select=[word AS x], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[word], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS t(x, y)",
        expect![[r#"
        Sink(table=[result], fields=[x, y], parallelism=[1])
        +- Calc(select=[column1 AS x, column2 AS y], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[VALUES], fields=[column1, column2], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "SELECT 1, 'a' || 'b'",
        expect![[r#"
        Sink(table=[result], fields=[EXPR$0, EXPR$1], parallelism=[1])
        +- Calc(select=[1 AS EXPR$0, ab AS EXPR$1], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[VALUES], fields=[], changelogMode=[I], parallelism=[1])
    "#]],
    );
}

#[test]
fn a_statement_set_reads_a_table_once() {
    check(
        "EXECUTE STATEMENT SET BEGIN
           INSERT INTO appends SELECT word, n FROM words WHERE n > 1;
           INSERT INTO counts SELECT word, COUNT(*) FROM words GROUP BY word;
         END;",
        expect![[r#"
            Sink(table=[appends], fields=[word, cnt], parallelism=[1])
            +- Calc(select=[word, CAST(n AS Int64) AS cnt], where=[n > 1], changelogMode=[I], parallelism=[1])
               +- TableSourceScan(table=[words], fields=[word, n], changelogMode=[I], parallelism=[1])(reference_id=[0])
            Sink(table=[counts], fields=[word, cnt], parallelism=[1])
            +- Calc(select=[NOT_NULL(word) AS word, EXPR$1 AS cnt], changelogMode=[I,UA,D], parallelism=[1])
               +- GroupAggregate(groupBy=[word], select=[word, COUNT(*) AS EXPR$1], changelogMode=[I,UA,D], parallelism=[1])
                  +- Calc(select=[word], changelogMode=[I], parallelism=[1])
                     +- Reused(reference_id=[0])
        "#]],
    );
}

#[test]
fn literals_and_types() {
    let queries = [
        "SELECT 1, 3000000000, 1.50, 1e3, 'a', TRUE, NULL, X'0a', DATE '2024-02-29', TIME '01:02:03', TIMESTAMP '2024-01-01 00:00:00.123'",
        "SELECT n + 1, n + id, n * price, n / 2, price + 1, -n FROM (SELECT c.id, c.price, w.n FROM clicks c, words w)",
        "SELECT ts + INTERVAL '1' DAY, ts - INTERVAL '1-2' YEAR TO MONTH, at + INTERVAL '1' SECOND FROM words, clicks",
        "SELECT CASE WHEN n > 1 THEN 1 ELSE 2.5 END, CASE word WHEN 'a' THEN 1 END, word IN ('a', 'b'), n BETWEEN 1 AND 2.5 FROM words",
        "SELECT ARRAY[1, 2.5], ROW(1, 'a'), MAP['a', 1], tags[1], info.b, c.info.a FROM clicks c",
        "SELECT COUNT(*), SUM(n), AVG(n), MIN(ts), SUM(1.5), COUNT(DISTINCT n) FROM words",
    ];
    let functions = FunctionCatalog::built_in();
    let (catalog, connectors, config) = (catalog(), ConnectorRegistry::empty(), Config::new());
    let planner = Planner::new(&catalog, &functions, &connectors, &config);
    let lines = queries.iter().map(|sql| {
        let query = crate::sql::parse_query(sql).unwrap();
        match planner.query(&query) {
            Ok(plan) => {
                let fields = plan.schema.fields().iter();
                fields
                    .map(|field| format!("{} {}", field.name(), crate::types::sql_type(field.data_type())))
                    .collect::<Vec<_>>()
                    .join(", ")
            }
            Err(error) => error.to_string(),
        }
    });
    expect![[r#"
        EXPR$0 INT, EXPR$1 BIGINT, EXPR$2 DECIMAL(3, 2), EXPR$3 DOUBLE, EXPR$4 STRING, EXPR$5 BOOLEAN, EXPR$6 NULL, EXPR$7 BYTES, EXPR$8 DATE, EXPR$9 TIME(0), EXPR$10 TIMESTAMP(3)
        EXPR$0 INT, EXPR$1 BIGINT, EXPR$2 DECIMAL(21, 2), EXPR$3 INT, EXPR$4 DECIMAL(13, 2), EXPR$5 INT
        EXPR$0 TIMESTAMP(3), EXPR$1 TIMESTAMP(3), EXPR$2 TIMESTAMP_LTZ(3)
        EXPR$0 DECIMAL(11, 1), EXPR$1 INT, EXPR$2 BOOLEAN, EXPR$3 BOOLEAN
        EXPR$0 ARRAY<DECIMAL(11, 1)>, EXPR$1 ROW<`EXPR$0` INT, `EXPR$1` STRING>, EXPR$2 MAP<STRING, INT>, EXPR$3 STRING, b STRING, a INT
        EXPR$0 BIGINT, EXPR$1 INT, EXPR$2 INT, EXPR$3 TIMESTAMP(3), EXPR$4 DECIMAL(38, 1), EXPR$5 BIGINT"#]].assert_eq(&lines.collect::<Vec<_>>().join("\n"));
}
