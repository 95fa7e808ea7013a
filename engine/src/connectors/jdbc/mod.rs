//! `'connector' = 'jdbc'`: tables of SQLite (embedded) and PostgreSQL, written by key or appended to, and scanned.

mod connection;
mod dialect;
mod settings;
mod sink;
mod source;
#[cfg(test)]
mod tests;
mod values;

use std::sync::Arc;

use super::{Connector, ConnectorOption, Sink, Source, TableDescription};
use crate::error::{Error, Result};

#[derive(Debug)]
pub struct Jdbc;

impl Connector for Jdbc {
    fn name(&self) -> &'static str {
        "jdbc"
    }

    fn doc(&self) -> &'static str {
        "A table of SQLite or PostgreSQL. With a PRIMARY KEY it takes updates (rows are inserted or updated by key, so a \
         repeated write does no harm); without one it takes inserts only, and rows written after the last checkpoint \
         are written again after a failure."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        let option = |name, default, doc| ConnectorOption { name, required: false, default, doc };
        let required = |name, doc| ConnectorOption { name, required: true, default: None, doc };
        vec![
            required("url", "`jdbc:sqlite:FILE` or `jdbc:postgresql://host:port/database`."),
            required("table-name", "The table in the database; `schema.table` in PostgreSQL."),
            option("username", None, "User of the database."),
            option("password", None, "The user's password."),
            option("driver", None, "Accepted for jobs written for Flink; drivers are built in."),
            option(
                "create-table",
                Some("true for SQLite, else false"),
                "Create the table from the declared schema where it is missing.",
            ),
            option("sink.buffer-flush.max-rows", Some("5000"), "Rows written in one transaction, at most."),
            option(
                "sink.buffer-flush.interval",
                Some("1 s"),
                "A row waits for so long, at most; 0 waits for the rows.",
            ),
            option("sink.max-retries", Some("3"), "A failed write is tried again so often, on a new connection."),
            option("sink.parallelism", None, "Connections that write at once, at most. SQLite has one."),
            option("scan.fetch-size", None, "Rows fetched at once, at most."),
            option("connection.max-retry-timeout", Some("60 s"), "How long a connection may take."),
        ]
    }

    fn source(&self, table: &TableDescription) -> Result<Arc<dyn Source>> {
        Ok(Arc::new(source::JdbcSource::new(table)?))
    }

    fn sink(&self, table: &TableDescription) -> Result<Arc<dyn Sink>> {
        if !table.partition_keys.is_empty() {
            return Err(Error::user("connector 'jdbc' does not write partitions").hint("leave out PARTITIONED BY"));
        }
        Ok(Arc::new(sink::JdbcSink::new(table)?))
    }
}
