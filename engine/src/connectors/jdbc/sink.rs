//! Rows gathered and written in one transaction: the last change of each key, or all rows where there is no key.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::row::{RowConverter, SortField};

use super::connection::{Connection, failure};
use super::dialect::Dialect;
use super::settings::Settings;
use crate::changelog::{ChangelogBatch, ChangelogMode, RowKind};
use crate::connectors::{Options, Sink, SinkWriter, TableDescription, WriterContext};
use crate::error::{Domain, Result};

/// Flink's default is 100, which spends most of the time on transactions.
const MAX_ROWS: usize = 5000;

#[derive(Debug, Clone)]
pub struct JdbcSink {
    settings: Settings,
    max_rows: usize,
    interval: Duration,
    max_retries: usize,
    max_parallelism: Option<usize>,
}

impl JdbcSink {
    pub fn new(table: &TableDescription) -> Result<Self> {
        let options = Options::new(&table.options);
        let settings = Settings::new(table)?;
        let one = settings.dialect() == Dialect::Sqlite;
        Ok(JdbcSink {
            settings,
            max_rows: options.number("sink.buffer-flush.max-rows")?.unwrap_or(MAX_ROWS),
            interval: options.duration("sink.buffer-flush.interval")?.unwrap_or(Duration::from_secs(1)),
            max_retries: options.number("sink.max-retries")?.unwrap_or(3),
            max_parallelism: if one { Some(1) } else { options.positive("sink.parallelism")? },
        })
    }
}

impl Sink for JdbcSink {
    fn changelog_mode(&self) -> ChangelogMode {
        if self.settings.primary_key.is_empty() { ChangelogMode::AppendOnly } else { ChangelogMode::Upsert }
    }

    fn writer(&self, context: &WriterContext) -> Result<Box<dyn SinkWriter>> {
        let mut writer = JdbcWriter {
            sink: self.clone(),
            runtime: context.runtime.clone(),
            connection: None,
            buffer: vec![],
            rows: 0,
            flush_at: None,
        };
        writer.connect()?;
        Ok(Box::new(writer))
    }

    fn max_parallelism(&self) -> Option<usize> {
        self.max_parallelism
    }
}

struct JdbcWriter {
    sink: JdbcSink,
    runtime: tokio::runtime::Handle,
    /// None after a failure.
    connection: Option<Connection>,
    buffer: Vec<ChangelogBatch>,
    rows: usize,
    /// In processing time, milliseconds.
    flush_at: Option<i64>,
}

impl JdbcWriter {
    fn connect(&mut self) -> Result<()> {
        let settings = &self.sink.settings;
        let connection = self.runtime.block_on(async {
            let mut connection = Connection::open(settings, true).await?;
            if settings.create_table {
                let sql = settings.dialect().create_table(settings);
                connection.execute(&sql).await.map_err(|error| failure(settings, "create", error))?;
            }
            Ok::<_, crate::Error>(connection)
        })?;
        self.connection = Some(connection);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.flush_at = None;
        if self.rows == 0 {
            return Ok(());
        }
        let (rows, keys) = self.changes()?;
        let mut attempt = 0;
        loop {
            let outcome = self.attempt(&rows, &keys);
            match outcome {
                Ok(()) => break,
                Err(error) if attempt >= self.sink.max_retries || error.domain() == Domain::User => return Err(error),
                Err(error) => {
                    attempt += 1;
                    tracing::warn!(%error, attempt, "a write to a database failed and is tried again");
                    self.connection = None;
                    std::thread::sleep(Duration::from_millis(100 << attempt.min(5)));
                }
            }
        }
        self.buffer.clear();
        self.rows = 0;
        Ok(())
    }

    fn attempt(&mut self, rows: &RecordBatch, keys: &RecordBatch) -> Result<()> {
        if self.connection.is_none() {
            self.connect()?;
        }
        let settings = &self.sink.settings;
        match &mut self.connection {
            Some(connection) => self
                .runtime
                .block_on(connection.write(settings, rows, keys))
                .map_err(|error| failure(settings, "write to", error)),
            None => Ok(()),
        }
    }

    /// The rows to insert or update, and the keys to delete: of each key only what came last, since a statement must not
    /// touch a row twice.
    fn changes(&self) -> Result<(RecordBatch, RecordBatch)> {
        let settings = &self.sink.settings;
        let all = ChangelogBatch::concat(&settings.schema, &self.buffer)?;
        let key = all.rows().project(&settings.primary_key)?;
        if settings.primary_key.is_empty() {
            return Ok((all.rows().clone(), key.slice(0, 0)));
        }
        let fields = key.columns().iter().map(|column| SortField::new(column.data_type().clone())).collect();
        let encoded = RowConverter::new(fields)?.convert_columns(key.columns())?;
        let (mut seen, mut written, mut deleted) = (HashSet::new(), vec![], vec![]);
        for row in (0..all.num_rows()).rev() {
            let kind = all.kind(row);
            if kind == RowKind::UpdateBefore || !seen.insert(encoded.row(row)) {
                continue;
            }
            if kind == RowKind::Delete { deleted.push(row as u32) } else { written.push(row as u32) }
        }
        written.reverse();
        deleted.reverse();
        Ok((
            take_record_batch(all.rows(), &UInt32Array::from(written))?,
            take_record_batch(&key, &UInt32Array::from(deleted))?,
        ))
    }
}

impl SinkWriter for JdbcWriter {
    fn write(&mut self, batch: ChangelogBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        if self.rows == 0 && !self.sink.interval.is_zero() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + self.sink.interval;
            self.flush_at = Some(i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
        }
        self.rows += batch.num_rows();
        self.buffer.push(batch);
        if self.sink.max_rows > 0 && self.rows >= self.sink.max_rows {
            self.flush()?;
        }
        Ok(())
    }

    fn next_timer(&self) -> Option<i64> {
        self.flush_at
    }

    fn timer(&mut self, now: i64) -> Result<()> {
        if self.flush_at.is_some_and(|at| at <= now) { self.flush() } else { Ok(()) }
    }

    fn prepare(&mut self, _checkpoint: u64) -> Result<Option<String>> {
        self.flush()?;
        Ok(None)
    }

    fn commit(&mut self, _prepared: &str) -> Result<()> {
        Ok(())
    }

    fn abort(&mut self, prepared: Option<&str>) -> Result<()> {
        if prepared.is_none() {
            self.buffer.clear();
            self.rows = 0;
            self.flush_at = None;
        }
        Ok(())
    }
}
