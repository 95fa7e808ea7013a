//! A bounded scan. The database is read by a thread of its own, a few batches ahead.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use futures::TryStreamExt;
use sqlx::{Executor, Row, TypeInfo, ValueRef};

use super::connection::{Connection, READ, failure};
use super::settings::Settings;
use super::values;
use crate::connectors::{
    Options, ReaderContext, ReaderEvent, Source, SourceReader, Split, SplitEnumerator, TableDescription, inserts,
};
use crate::error::{Error, Result};

#[derive(Debug, Clone)]
pub struct JdbcSource {
    settings: Settings,
    columns: Vec<usize>,
    schema: SchemaRef,
    fetch_size: Option<usize>,
}

impl JdbcSource {
    pub fn new(table: &TableDescription) -> Result<Self> {
        let settings = Settings::new(table)?;
        Ok(JdbcSource {
            columns: (0..settings.schema.fields().len()).collect(),
            schema: settings.schema.clone(),
            settings,
            fetch_size: Options::new(&table.options).positive("scan.fetch-size")?,
        })
    }
}

impl Source for JdbcSource {
    fn is_bounded(&self) -> bool {
        true
    }

    fn project(&self, columns: &[usize]) -> Option<Arc<dyn Source>> {
        let columns: Vec<usize> =
            columns.iter().map(|&column| self.columns.get(column).copied()).collect::<Option<_>>()?;
        let schema = Arc::new(self.settings.schema.project(&columns).ok()?);
        Some(Arc::new(JdbcSource { columns, schema, ..self.clone() }))
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn enumerator(&self, _parallelism: usize) -> Result<Box<dyn SplitEnumerator>> {
        Ok(Box::new(TableEnumerator { table: Some(self.settings.table.clone()) }))
    }

    fn reader(&self, context: &ReaderContext) -> Result<Box<dyn SourceReader>> {
        Ok(Box::new(TableReader {
            source: self.clone(),
            batch_size: self.fetch_size.unwrap_or(usize::MAX).min(context.batch_size).max(1),
            waiting: None,
            current: None,
        }))
    }
}

/// One split: the table.
struct TableEnumerator {
    table: Option<String>,
}

impl SplitEnumerator for TableEnumerator {
    fn discover(&mut self) -> Result<Vec<Split>> {
        Ok(self.table.take().map(|id| Split { id, position: String::new() }).into_iter().collect())
    }

    fn interval(&self) -> Option<Duration> {
        None
    }

    fn snapshot(&self) -> Vec<String> {
        if self.table.is_none() { vec!["table".to_owned()] } else { vec![] }
    }

    fn restore(&mut self, snapshot: Vec<String>) -> Result<()> {
        if !snapshot.is_empty() {
            self.table = None;
        }
        Ok(())
    }
}

struct TableReader {
    source: JdbcSource,
    batch_size: usize,
    waiting: Option<Split>,
    current: Option<Scan>,
}

struct Scan {
    id: Arc<str>,
    batches: Receiver<Result<RecordBatch>>,
    /// Rows given.
    given: u64,
}

impl SourceReader for TableReader {
    fn add_split(&mut self, split: Split) -> Result<()> {
        self.waiting = Some(split);
        Ok(())
    }

    fn poll(&mut self) -> Result<ReaderEvent> {
        if let Some(split) = self.waiting.take() {
            let given = match split.position.as_str() {
                "" => 0,
                text => text.parse().map_err(|_| Error::state(format!("`{text}` is no position in a table")))?,
            };
            let (sender, batches) = bounded(2);
            let (source, batch_size) = (self.source.clone(), self.batch_size);
            std::thread::Builder::new()
                .name("jdbc-scan".to_owned())
                .spawn(move || scan_thread(&source, batch_size, given, &sender))
                .map_err(|error| Error::connector(format!("cannot start a thread: {error}")).caused_by(error))?;
            self.current = Some(Scan { id: split.id.into(), batches, given });
        }
        let Some(scan) = &mut self.current else { return Ok(ReaderEvent::Exhausted) };
        match scan.batches.recv_timeout(Duration::from_millis(10)) {
            Ok(batch) => {
                let batch = batch?;
                scan.given += batch.num_rows() as u64;
                Ok(inserts(&scan.id, batch))
            }
            Err(RecvTimeoutError::Timeout) => Ok(ReaderEvent::Idle),
            Err(RecvTimeoutError::Disconnected) => {
                let split = scan.id.clone();
                self.current = None;
                Ok(ReaderEvent::Finished { split })
            }
        }
    }

    fn snapshot(&self) -> Vec<Split> {
        let current =
            self.current.iter().map(|scan| Split { id: scan.id.to_string(), position: scan.given.to_string() });
        current.chain(self.waiting.iter().cloned()).collect()
    }
}

/// Runs a scan to its end, or until nobody listens.
fn scan_thread(source: &JdbcSource, batch_size: usize, offset: u64, batches: &Sender<Result<RecordBatch>>) {
    let scanned = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::connector(format!("cannot start a runtime: {error}")).caused_by(error))
        .and_then(|runtime| runtime.block_on(scan(source, batch_size, offset, batches)));
    if let Err(error) = scanned {
        // Nobody listens: the job has been stopped.
        let _ = batches.send(Err(error));
    }
}

async fn scan(
    source: &JdbcSource,
    batch_size: usize,
    offset: u64,
    batches: &Sender<Result<RecordBatch>>,
) -> Result<()> {
    let settings = &source.settings;
    let mut sql = settings.dialect().select(settings, &source.columns, offset);
    let failed = |error| failure(settings, READ, error);
    let mut gathered = Gathered::new(source);
    match Connection::open(settings, false).await? {
        Connection::Sqlite(mut open) => {
            let journal: String =
                sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut open).await.map_err(failed)?;
            if journal != "wal" {
                // Reading locks the file for all who write, the sinks of this job among them, which rows wait for in
                // turn. So a copy is read.
                open.execute(format!("CREATE TEMP TABLE {COPY} AS {sql}").as_str()).await.map_err(failed)?;
                sql = format!("SELECT * FROM temp.{COPY} ORDER BY rowid");
            }
            let mut rows = sqlx::query(&sql).fetch(&mut open);
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                for column in 0..source.columns.len() {
                    let raw = row.try_get_raw(column).map_err(failed)?;
                    // SQLite's types are of values, not of columns.
                    let field = source.schema.field(column);
                    let is_binary = field.data_type() == &DataType::Binary;
                    let text = if raw.is_null() {
                        None
                    } else {
                        Some(match (raw.type_info().name(), is_binary) {
                            ("REAL", false) => row.try_get_unchecked::<f64, _>(column).map_err(failed)?.to_string(),
                            (_, true) => values::hex(&row.try_get_unchecked::<Vec<u8>, _>(column).map_err(failed)?),
                            ("BLOB", false) => return Err(values::refused(field, "it is BYTES")),
                            _ => row.try_get_unchecked::<String, _>(column).map_err(failed)?,
                        })
                    };
                    gathered.add(column, text);
                }
                if !gathered.row(batch_size, batches)? {
                    return Ok(());
                }
            }
        }
        Connection::Postgres(mut open) => {
            let mut rows = sqlx::query(&sql).fetch(&mut *open);
            while let Some(row) = rows.try_next().await.map_err(failed)? {
                for column in 0..source.columns.len() {
                    gathered.add(column, row.try_get(column).map_err(failed)?);
                }
                if !gathered.row(batch_size, batches)? {
                    return Ok(());
                }
            }
        }
    }
    gathered.give(batches)?;
    Ok(())
}

/// The copy of a table of SQLite.
const COPY: &str = "\"anabranch scan\"";

/// A batch is given when its texts have so many bytes, however few its rows: offsets are 32 bits.
const MAX_BATCH_BYTES: usize = 64 << 20;

/// Rows on their way into a batch.
struct Gathered<'a> {
    source: &'a JdbcSource,
    columns: Vec<Vec<Option<String>>>,
    /// There may be no columns to count by.
    rows: usize,
    /// Bytes of all texts.
    bytes: usize,
}

impl<'a> Gathered<'a> {
    fn new(source: &'a JdbcSource) -> Self {
        Gathered { source, columns: vec![vec![]; source.columns.len()], rows: 0, bytes: 0 }
    }

    fn add(&mut self, column: usize, text: Option<String>) {
        self.bytes += text.as_ref().map_or(0, String::len);
        self.columns[column].push(text);
    }

    /// Counts the row whose values were just added; gives a batch when it is full. False where nobody listens.
    fn row(&mut self, batch_size: usize, batches: &Sender<Result<RecordBatch>>) -> Result<bool> {
        self.rows += 1;
        if self.rows < batch_size && self.bytes < MAX_BATCH_BYTES { Ok(true) } else { self.give(batches) }
    }

    fn give(&mut self, batches: &Sender<Result<RecordBatch>>) -> Result<bool> {
        if self.rows == 0 {
            return Ok(true);
        }
        let arrays = self
            .source
            .schema
            .fields()
            .iter()
            .zip(&mut self.columns)
            .map(|(field, texts)| values::array(field, std::mem::take(texts)))
            .collect::<Result<Vec<_>>>()?;
        self.bytes = 0;
        let options = RecordBatchOptions::new().with_row_count(Some(std::mem::take(&mut self.rows)));
        let batch = RecordBatch::try_new_with_options(self.source.schema.clone(), arrays, &options)?;
        Ok(batches.send(Ok(batch)).is_ok())
    }
}
