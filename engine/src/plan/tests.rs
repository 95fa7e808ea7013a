//! Plans and refusals of whole statements, from SQL text.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use expect_test::{Expect, expect};

use super::catalog::{Catalog, CatalogTable, Column, ColumnKind, Connection, View};
use super::explain::execution;
use super::lower::RowsSource;
use super::*;
use crate::changelog::ChangelogMode;
use crate::config::Config;
use crate::connectors::{ConnectorRegistry, Sink, SinkWriter, WriterContext};
use crate::error::{Error, Result};
use crate::functions::catalog::{Function, FunctionCatalog};
use crate::sql::parse_script;
use crate::sql::statement::StatementKind;

/// A sink that takes a changelog and is never written to.
#[derive(Debug)]
struct TestSink(ChangelogMode);

impl Sink for TestSink {
    fn changelog_mode(&self) -> ChangelogMode {
        self.0
    }

    fn writer(&self, _context: &WriterContext) -> Result<Box<dyn SinkWriter>> {
        Err(Error::bug("a test's sink was written to"))
    }
}

/// Tables that every test may use. Those with the connector `source` can be read; the others are sinks of that mode.
const TABLES: &str = "
CREATE TABLE words (word STRING, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'source');
CREATE TABLE clicks (id BIGINT NOT NULL, `user` STRING, price DECIMAL(10, 2), at TIMESTAMP_LTZ(3),
  day AS CAST(at AS DATE), pt AS PROCTIME(), tags ARRAY<STRING>, info ROW<a INT, b STRING>,
  WATERMARK FOR at AS at - INTERVAL '5' SECOND) WITH ('connector' = 'source');
CREATE TABLE users (id STRING, name STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'source');
CREATE TABLE appends (word STRING, cnt BIGINT) WITH ('connector' = 'append');
CREATE TABLE counts (word STRING, cnt BIGINT, PRIMARY KEY (word) NOT ENFORCED) WITH ('connector' = 'upsert');
CREATE TABLE strict (word STRING NOT NULL, cnt BIGINT NOT NULL) WITH ('connector' = 'retract');
";

/// The built-in functions.
fn functions() -> FunctionCatalog {
    let mut functions = FunctionCatalog::default();
    for function in crate::functions::scalar::builtins() {
        functions.add_built_in(function.name().to_owned(), Function::Scalar(Arc::new(function)), "");
    }
    for function in crate::functions::udaf::builtins() {
        functions.add_built_in(function.name().to_owned(), Function::Aggregate(Arc::new(function)), "");
    }
    functions
}

/// The tables of [`TABLES`].
fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    for statement in parse_script(TABLES).unwrap() {
        let StatementKind::CreateTable(table) = statement.kind else { panic!("no table") };
        let connector = table.options["connector"].value.clone();
        let mut declared = CatalogTable {
            name: table.name.to_string(),
            columns: table.columns,
            watermark: table.watermark,
            primary_key: table.primary_key.into_iter().map(|name| name.value).collect(),
            partition_keys: vec![],
            comment: None,
            connection: Connection::Sink(Arc::new(TestSink(ChangelogMode::Retract))),
            position: None,
        };
        declared.connection = match connector.as_str() {
            "source" => {
                let rows = RecordBatch::new_empty(declared.physical_schema());
                Connection::Source(Arc::new(RowsSource { rows }))
            }
            "append" => Connection::Sink(Arc::new(TestSink(ChangelogMode::AppendOnly))),
            "upsert" => Connection::Sink(Arc::new(TestSink(ChangelogMode::Upsert))),
            _ => declared.connection,
        };
        catalog.set_table(declared);
    }
    catalog
}

/// The execution plan of a query or of INSERTs, or the error.
fn planned(sql: &str, settings: &[(&str, &str)]) -> Result<String> {
    let mut catalog = catalog();
    let functions = functions();
    let connectors = ConnectorRegistry::empty();
    let mut config = Config::new();
    for (name, value) in settings {
        config.set(name, value)?;
    }
    let mut text = String::new();
    for statement in parse_script(sql)? {
        match statement.kind {
            StatementKind::CreateView(view) => catalog.set_view(View {
                name: view.name.to_string(),
                columns: view.columns.into_iter().map(|name| name.value).collect(),
                query: view.query,
                comment: None,
                position: None,
            }),
            StatementKind::Query(query) => {
                let planner = Planner::new(&catalog, &functions, &connectors, &config);
                let query = planner.query(&query)?;
                let collect = CatalogTable {
                    name: "result".into(),
                    columns: query
                        .schema
                        .fields()
                        .iter()
                        .map(|field| Column {
                            name: field.name().clone(),
                            kind: ColumnKind::Physical(crate::types::SqlType::of(field.data_type())),
                            comment: None,
                            position: None,
                        })
                        .collect(),
                    watermark: None,
                    primary_key: vec![],
                    partition_keys: vec![],
                    comment: None,
                    connection: Connection::Sink(Arc::new(TestSink(ChangelogMode::Retract))),
                    position: None,
                };
                text += &execution(&planner.to_graph(&[planner.insert_into(&collect, &query)?])?);
            }
            StatementKind::Insert(insert) => {
                let planner = Planner::new(&catalog, &functions, &connectors, &config);
                let insert = planner.insert(&insert.table, &insert.columns, &insert.query)?;
                text += &execution(&planner.to_graph(&[insert])?);
            }
            StatementKind::StatementSet(inserts) => {
                let planner = Planner::new(&catalog, &functions, &connectors, &config);
                let inserts = inserts.iter().map(|it| planner.insert(&it.table, &it.columns, &it.query));
                text += &execution(&planner.to_graph(&inserts.collect::<Result<Vec<_>>>()?)?);
            }
            other => panic!("{other:?}"),
        }
    }
    Ok(text)
}

fn check(sql: &str, expected: Expect) {
    check_with(sql, &[], expected);
}

fn check_with(sql: &str, settings: &[(&str, &str)], expected: Expect) {
    let text = planned(sql, settings).unwrap_or_else(|error| format!("{}: {error}\n", error.domain()));
    expected.assert_eq(&text);
}

/// Statements that are refused, a line each.
fn refused(statements: &[&str], expected: Expect) {
    let lines = statements.iter().map(|sql| match planned(sql, &[]) {
        Ok(plan) => format!("{sql}\n  PLANNED {plan}\n"),
        Err(error) => format!("{sql}\n  {}: {error}\n", error.domain()),
    });
    expected.assert_eq(&lines.collect::<String>());
}

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
fn what_is_not_supported_is_refused_at_its_place() {
    refused(
        &[
            "SELECT SUM(n) OVER (PARTITION BY word ORDER BY ts) FROM words",
            "SELECT * FROM words ORDER BY n",
            "SELECT * FROM words LIMIT 3",
            "SELECT * FROM words w LEFT JOIN users u ON w.word = u.id",
            "SELECT * FROM words w FULL OUTER JOIN users u ON w.word = u.id",
            "SELECT * FROM words WHERE n IN (SELECT id FROM clicks)",
            "SELECT (SELECT MAX(n) FROM words)",
            "SELECT word FROM words EXCEPT SELECT name FROM users",
            "SELECT word, COUNT(*) FROM words GROUP BY GROUPING SETS ((word), ())",
            "SELECT word, COUNT(*) FROM words GROUP BY CUBE (word)",
            "SELECT * FROM words TABLESAMPLE SYSTEM (10)",
            "SELECT * FROM words JOIN users FOR SYSTEM_TIME AS OF words.ts AS u ON words.word = u.id",
            "SELECT * FROM words MATCH_RECOGNIZE (ORDER BY ts MEASURES A.n AS n PATTERN (A) DEFINE A AS A.n > 1)",
            "SELECT * FROM TABLE(CUMULATE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))",
        ],
        expect![[r#"
            SELECT SUM(n) OVER (PARTITION BY word ORDER BY ts) FROM words
              user: OVER is not supported (line 1, column 8)
            SELECT * FROM words ORDER BY n
              user: ORDER BY in streaming mode is not supported (line 1, column 30); SET 'execution.runtime-mode' = 'batch'
            SELECT * FROM words LIMIT 3
              user: LIMIT in streaming mode is not supported (line 1, column 27); SET 'execution.runtime-mode' = 'batch'
            SELECT * FROM words w LEFT JOIN users u ON w.word = u.id
              user: LEFT JOIN is not supported (line 1, column 33)
            SELECT * FROM words w FULL OUTER JOIN users u ON w.word = u.id
              user: FULL JOIN is not supported (line 1, column 39)
            SELECT * FROM words WHERE n IN (SELECT id FROM clicks)
              user: a subquery in an expression is not supported (line 1, column 27)
            SELECT (SELECT MAX(n) FROM words)
              user: a subquery in an expression is not supported (line 1, column 9)
            SELECT word FROM words EXCEPT SELECT name FROM users
              user: EXCEPT is not supported (line 1, column 1)
            SELECT word, COUNT(*) FROM words GROUP BY GROUPING SETS ((word), ())
              user: GROUPING SETS, CUBE and ROLLUP is not supported (line 1, column 59)
            SELECT word, COUNT(*) FROM words GROUP BY CUBE (word)
              user: GROUPING SETS, CUBE and ROLLUP is not supported (line 1, column 49)
            SELECT * FROM words TABLESAMPLE SYSTEM (10)
              user: TABLESAMPLE is not supported (line 1, column 15)
            SELECT * FROM words JOIN users FOR SYSTEM_TIME AS OF words.ts AS u ON words.word = u.id
              user: `FOR SYSTEM_TIME AS OF words.ts` is not supported (line 1, column 26)
            SELECT * FROM words MATCH_RECOGNIZE (ORDER BY ts MEASURES A.n AS n PATTERN (A) DEFINE A AS A.n > 1)
              user: MATCH_RECOGNIZE is not supported (line 1, column 15)
            SELECT * FROM TABLE(CUMULATE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))
              user: the window function CUMULATE is not supported (line 1, column 21)
        "#]],
    );
}

#[test]
fn mistakes_are_named_at_their_place() {
    refused(
        &[
            "SELECT wrd FROM words",
            "SELECT w.word FROM words",
            "SELECT words.wrd FROM words",
            "SELECT word FROM wrds",
            "SELECT word,\n  COUT(n) FROM words",
            "SELECT word, n FROM words GROUP BY word",
            "SELECT word FROM words WHERE COUNT(*) > 1",
            "SELECT word FROM words WHERE n",
            "SELECT word + 1 FROM words",
            "SELECT word FROM words WHERE info = 1",
            "SELECT tags = 1 FROM clicks",
            "SELECT info.c FROM clicks",
            "SELECT id FROM users u JOIN clicks c ON u.id = c.`user`",
            "SELECT * FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(n), INTERVAL '1' HOUR))",
            "SELECT * FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MONTH))",
            "SELECT * FROM TABLE(HOP(TABLE words, DESCRIPTOR(ts), INTERVAL '7' MINUTE, INTERVAL '1' HOUR))",
            "SELECT TUMBLE_START(ts, INTERVAL '2' HOUR) FROM words GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)",
            "SELECT COUNT(*) FROM (SELECT CAST(ts AS STRING) AS ts FROM words) GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)",
            "SELECT COUNT(*) FROM (SELECT w.ts FROM words w JOIN users u ON w.word = u.id) GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)",
            "SELECT word FROM words UNION ALL SELECT id, name FROM users",
            "SELECT n FROM words UNION ALL SELECT name FROM users",
            "SELECT DATE '2024-13-01'",
            "SELECT INTERVAL '1:2' HOUR",
            "SELECT CAST(1 AS WORDS)",
        ],
        expect![[r#"
            SELECT wrd FROM words
              user: column 'wrd' is not known; did you mean word? (line 1, column 8)
            SELECT w.word FROM words
              user: table 'w' is not in FROM (line 1, column 8)
            SELECT words.wrd FROM words
              user: column 'wrd' is not in 'words'; did you mean word? (line 1, column 8)
            SELECT word FROM wrds
              user: table 'wrds' is not known (line 1, column 18); did you mean `words`?
            SELECT word,
              COUT(n) FROM words
              user: function 'COUT' is not known; did you mean COT or COUNT? (line 2, column 3)
            SELECT word, n FROM words GROUP BY word
              user: column 'n' is not being grouped (line 1, column 14); put it into GROUP BY, or into an aggregate
            SELECT word FROM words WHERE COUNT(*) > 1
              user: the aggregate 'COUNT' cannot stand in WHERE (line 1, column 30)
            SELECT word FROM words WHERE n
              user: a condition must be BOOLEAN, and `n` is INT (line 1, column 30)
            SELECT word + 1 FROM words
              user: + is not defined for STRING and INT (line 1, column 8)
            SELECT word FROM words WHERE info = 1
              user: column 'info' is not known (line 1, column 30)
            SELECT tags = 1 FROM clicks
              user: ARRAY<STRING> and INT cannot be compared (line 1, column 8); use CAST
            SELECT info.c FROM clicks
              user: the ROW has no field 'c'; did you mean a or b? (line 1, column 8)
            SELECT id FROM users u JOIN clicks c ON u.id = c.`user`
              user: column 'id' is ambiguous (line 1, column 8); put the table's name or alias in front
            SELECT * FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(n), INTERVAL '1' HOUR))
              user: a window wants a time attribute, and 'n' is none (line 1, column 52); declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()
            SELECT * FROM TABLE(TUMBLE(TABLE words, DESCRIPTOR(ts), INTERVAL '1' MONTH))
              user: TUMBLE wants an interval of days to seconds (line 1, column 66)
            SELECT * FROM TABLE(HOP(TABLE words, DESCRIPTOR(ts), INTERVAL '7' MINUTE, INTERVAL '1' HOUR))
              user: the size of HOP, 3600000 ms, must be a multiple of its slide, 420000 ms (line 1, column 21)
            SELECT TUMBLE_START(ts, INTERVAL '2' HOUR) FROM words GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)
              user: TUMBLE_START refers to no window (line 1, column 8); put TUMBLE(…) with the same arguments into GROUP BY
            SELECT COUNT(*) FROM (SELECT CAST(ts AS STRING) AS ts FROM words) GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)
              user: a window wants a time attribute, and 'ts' is none (line 1, column 83); declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()
            SELECT COUNT(*) FROM (SELECT w.ts FROM words w JOIN users u ON w.word = u.id) GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)
              user: a window wants a time attribute, and 'ts' is none (line 1, column 95); declare it in CREATE TABLE by WATERMARK FOR, or use a column AS PROCTIME()
            SELECT word FROM words UNION ALL SELECT id, name FROM users
              user: the sides of UNION have 1 and 2 columns (line 1, column 1)
            SELECT n FROM words UNION ALL SELECT name FROM users
              user: column 'n' of UNION is INT on one side and STRING on the other (line 1, column 1); use CAST
            SELECT DATE '2024-13-01'
              user: '2024-13-01' is not a date of the form 2024-12-31 (line 1, column 13)
            SELECT INTERVAL '1:2' HOUR
              user: '1:2' is not an interval of HOUR (line 1, column 17)
            SELECT CAST(1 AS WORDS)
              user: the type WORDS is not known; known are `BOOLEAN`, `TINYINT`, `SMALLINT`, `INT`, `INTEGER`, `BIGINT`, `FLOAT`, `DOUBLE`, `DECIMAL`, `NUMERIC`, `STRING`, `BYTES`, `CHAR`, `VARCHAR`, `BINARY`, `VARBINARY`, `DATE`, `TIME`, `TIMESTAMP`, `TIMESTAMP_LTZ`, `INTERVAL`, `ARRAY`, `MAP`, `ROW` (line 1, column 18)
        "#]],
    );
}

#[test]
fn sinks_are_checked_before_anything_runs() {
    refused(
        &[
            "INSERT INTO appends SELECT word, COUNT(*) FROM words GROUP BY word",
            "INSERT INTO counts SELECT word, n FROM (SELECT MAX(word) AS word, COUNT(*) AS n FROM words GROUP BY n)",
            "INSERT INTO appends SELECT word FROM words",
            "INSERT INTO appends SELECT n, word FROM words",
            "INSERT INTO appends (cnt, wrd) SELECT n, word FROM words",
            "INSERT INTO strict (word) SELECT word FROM words",
            "INSERT INTO nowhere SELECT 1",
        ],
        expect![[r#"
            INSERT INTO appends SELECT word, COUNT(*) FROM words GROUP BY word
              user: table 'appends' takes only inserts, and the query updates rows: it groups by (word) (line 1, column 13); write to a table of a connector that takes updates, with a PRIMARY KEY, or aggregate over windows
            INSERT INTO counts SELECT word, n FROM (SELECT MAX(word) AS word, COUNT(*) AS n FROM words GROUP BY n)
              user: table 'counts' is updated by its PRIMARY KEY (word), and the query has no key (line 1, column 13); give the table the key of the query
            INSERT INTO appends SELECT word FROM words
              user: the query's columns do not fit table 'appends': it gives 1 columns, and the table takes 2 (line 1, column 13); the query gives (word STRING), the table takes (word STRING, cnt BIGINT)
            INSERT INTO appends SELECT n, word FROM words
              user: the query's columns do not fit table 'appends': column 'word' is STRING, and 'n' of the query is INT (line 1, column 13); the query gives (n INT, word STRING), the table takes (word STRING, cnt BIGINT)
            INSERT INTO appends (cnt, wrd) SELECT n, word FROM words
              user: table 'appends' has no column 'wrd' to write to; did you mean word? (line 1, column 27)
            INSERT INTO strict (word) SELECT word FROM words
              user: the query's columns do not fit table 'strict': column 'cnt' is NOT NULL and not given (line 1, column 13); the query gives (word STRING), the table takes (word STRING)
            INSERT INTO nowhere SELECT 1
              user: table 'nowhere' is not known (line 1, column 13); known are `appends`, `clicks`, `counts`, `strict`, `users`, `words`
        "#]],
    );
    check(
        "INSERT INTO strict SELECT word, n FROM words",
        expect![[r#"
        Sink(table=[strict], fields=[word, cnt], parallelism=[1])
        +- Calc(select=[NOT_NULL(word) AS word, NOT_NULL(CAST(n AS Int64)) AS cnt], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[word, n], changelogMode=[I], parallelism=[1])
    "#]],
    );
    check(
        "INSERT INTO appends (cnt) SELECT n FROM words",
        expect![[r#"
        Sink(table=[appends], fields=[word, cnt], parallelism=[1])
        +- Calc(select=[NULL AS word, CAST(n AS Int64) AS cnt], changelogMode=[I], parallelism=[1])
           +- TableSourceScan(table=[words], fields=[n], changelogMode=[I], parallelism=[1])
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
    let functions = functions();
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
