//! Whole statements from SQL text: their plans, and what is refused.

mod plans;
mod refusals;

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use expect_test::Expect;

use super::catalog::{Catalog, CatalogTable, Column, ColumnKind, Connection, View};
use super::explain::execution;
use super::lower::RowsSource;
use super::*;
use crate::changelog::ChangelogMode;
use crate::config::Config;
use crate::connectors::{ConnectorRegistry, Sink, SinkWriter, WriterContext};
use crate::error::{Error, Result};
use crate::functions::catalog::FunctionCatalog;
use crate::sql::parse_script;
use crate::sql::statement::{Insert, StatementKind};

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
    let functions = FunctionCatalog::built_in();
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
                let insert = planner.insert(&insert.table, &insert.columns, &insert.query, insert.on_conflict)?;
                text += &execution(&planner.to_graph(&[insert])?);
            }
            StatementKind::StatementSet(inserts) => {
                let planner = Planner::new(&catalog, &functions, &connectors, &config);
                let plan = |it: &Insert| planner.insert(&it.table, &it.columns, &it.query, it.on_conflict);
                let inserts = inserts.iter().map(plan);
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
