//! Connectors: a folder each, one registry. A table's options become a [`Source`] or a [`Sink`] here; the runtime drives
//! their readers and writers on its own threads, so they may block for short whiles, and must not for long.

mod blackhole;
mod datagen;
mod filesystem;
pub mod formats;
mod jdbc;
mod options;
pub mod print;
mod registry;
mod standard_input;
#[cfg(test)]
mod testing;
mod values;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use crate::changelog::{ChangelogBatch, ChangelogMode};
use crate::error::Result;

pub use options::Options;
pub use registry::ConnectorRegistry;
pub use standard_input::claim_standard_input;
pub use values::ValuesSource;

/// The connectors that every session knows. A new one is added here.
fn built_in() -> Vec<Arc<dyn Connector>> {
    vec![
        Arc::new(blackhole::Blackhole),
        Arc::new(datagen::Datagen),
        Arc::new(filesystem::Filesystem),
        Arc::new(jdbc::Jdbc),
        Arc::new(print::Print),
        Arc::new(values::Values),
    ]
}

/// What a connector is told of its table.
#[derive(Debug, Clone)]
pub struct TableDescription {
    /// As the user named it.
    pub name: String,
    /// The physical columns (no computed ones), in order. Arrow types as `types` maps them.
    pub schema: SchemaRef,
    /// The SQL type of each physical column as declared (`DECIMAL(10, 2)`), for sinks that create tables.
    pub sql_types: Vec<String>,
    /// Indices of the primary key's columns in `schema`; empty where there is none.
    pub primary_key: Vec<usize>,
    /// Indices of PARTITIONED BY columns.
    pub partition_keys: Vec<usize>,
    /// The options of WITH, `connector` included.
    pub options: BTreeMap<String, String>,
    /// The session's time zone.
    pub time_zone: String,
}

/// A kind of connector: `'connector' = '<name>'`.
pub trait Connector: Debug + Send + Sync {
    fn name(&self) -> &'static str;

    /// One sentence for the reference page.
    fn doc(&self) -> &'static str;

    /// Every option it knows, formats' options included. Unknown ones are refused before `source` or `sink` is called.
    fn options(&self) -> Vec<ConnectorOption>;

    /// Looks at the values of options when the table is declared, where that takes nothing from outside and the table
    /// can only be used in one way. Else they are looked at by `source` and `sink`.
    ///
    /// # Errors
    /// User errors for options and columns that do not fit.
    fn check(&self, _table: &TableDescription) -> Result<()> {
        Ok(())
    }

    /// # Errors
    /// User errors for options and columns that do not fit, and where the connector cannot be read.
    fn source(&self, table: &TableDescription) -> Result<Arc<dyn Source>>;

    /// # Errors
    /// User errors for options and columns that do not fit, and where the connector cannot be written.
    fn sink(&self, table: &TableDescription) -> Result<Arc<dyn Sink>>;
}

/// An option of a connector, for checks and for the reference page.
#[derive(Debug, Clone)]
pub struct ConnectorOption {
    /// `path`, or with a trailing `*` a prefix: `fields.*`.
    pub name: &'static str,
    pub required: bool,
    pub default: Option<&'static str>,
    pub doc: &'static str,
}

/// Where rows come from: an immutable description, in a plan.
pub trait Source: Debug + Send + Sync {
    /// Ends by itself.
    fn is_bounded(&self) -> bool;

    /// Row kinds it gives.
    fn changelog_mode(&self) -> ChangelogMode {
        ChangelogMode::AppendOnly
    }

    /// Leaves out columns that the query does not read: `columns` are indices into the schema. `None` where it cannot.
    fn project(&self, _columns: &[usize]) -> Option<Arc<dyn Source>> {
        None
    }

    /// Splits come to an end (files), and a reader gets one after another. Otherwise (partitions of a log) each reader
    /// gets its share of them at once.
    fn splits_end(&self) -> bool {
        true
    }

    /// Schema of the batches.
    fn schema(&self) -> SchemaRef;

    /// One per job: finds splits.
    fn enumerator(&self, parallelism: usize) -> Result<Box<dyn SplitEnumerator>>;

    /// One per subtask: reads splits.
    fn reader(&self, context: &ReaderContext) -> Result<Box<dyn SourceReader>>;
}

#[derive(Debug, Clone)]
pub struct ReaderContext {
    pub subtask: usize,
    pub parallelism: usize,
    /// Rows of a batch, at most.
    pub batch_size: usize,
    /// How long a partial batch may wait for more rows.
    pub buffer_timeout: Duration,
}

/// A part of a source that is read by one reader in order (a file, a partition), and how far it has been read. Both texts
/// are the connector's own and go into snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Names the split for good.
    pub id: String,
    /// Where to go on; empty at the beginning.
    pub position: String,
}

/// Finds the splits of a source. Called from the source's subtask 0 and its peers under a lock, so calls must be short.
pub trait SplitEnumerator: Send {
    /// The splits that have appeared since the last call, in the order they should be read.
    fn discover(&mut self) -> Result<Vec<Split>>;

    /// When to call `discover` again; `None`: no more splits will appear.
    fn interval(&self) -> Option<Duration>;

    /// What was discovered (finished splits included), so that a restored enumerator does not find it again. The runtime
    /// keeps the splits that are not finished itself.
    fn snapshot(&self) -> Vec<String>;

    fn restore(&mut self, snapshot: Vec<String>) -> Result<()>;
}

/// Reads splits, one after another or side by side, as it likes.
pub trait SourceReader: Send {
    /// Adds a split to read, from its position.
    fn add_split(&mut self, split: Split) -> Result<()>;

    /// The next thing that happened. Waits for at most some 10 ms, then says [`ReaderEvent::Idle`].
    fn poll(&mut self) -> Result<ReaderEvent>;

    /// The splits not yet finished, with their positions after the last batch given.
    fn snapshot(&self) -> Vec<Split>;
}

/// What [`SourceReader::poll`] gives.
#[derive(Debug)]
pub enum ReaderEvent {
    /// Rows of one split, named by its id so that watermarks are per split.
    Batch { split: Arc<str>, batch: ChangelogBatch },
    /// A split has been read to its end.
    Finished { split: Arc<str> },
    /// Nothing right now.
    Idle,
    /// All splits that were added have been read.
    Exhausted,
}

/// Where rows go: an immutable description, in a plan.
pub trait Sink: Debug + Send + Sync {
    /// What the sink takes. An append-only sink refuses queries with updates; an upsert sink takes upserts by
    /// `TableDescription::primary_key`; a retract sink takes all kinds.
    fn changelog_mode(&self) -> ChangelogMode;

    /// One per subtask.
    fn writer(&self, context: &WriterContext) -> Result<Box<dyn SinkWriter>>;

    /// Subtasks of this sink, at most: `print` and files to one place may want 1.
    fn max_parallelism(&self) -> Option<usize> {
        None
    }

    /// The job is cancelled: a write that waits for somebody must come to its end now. Called from any thread.
    fn interrupt(&self) {}
}

#[derive(Debug, Clone)]
pub struct WriterContext {
    pub subtask: usize,
    pub parallelism: usize,
    /// For connectors whose libraries are asynchronous. Writers run outside of it and may `block_on`.
    pub runtime: tokio::runtime::Handle,
}

/// Writes rows. What it has written becomes visible by [`SinkWriter::commit`] where the system can do that; sinks that
/// write idempotently by key may show it at once.
pub trait SinkWriter: Send {
    fn write(&mut self, batch: ChangelogBatch) -> Result<()>;

    /// When, in processing time (milliseconds), [`SinkWriter::timer`] wants to be called: to flush a partial batch.
    fn next_timer(&self) -> Option<i64> {
        None
    }

    fn timer(&mut self, _now: i64) -> Result<()> {
        Ok(())
    }

    /// Makes what was written so far durable but not visible, and names it: the text goes into the checkpoint. `None`
    /// where there is nothing to commit. Also called at the end of a bounded job.
    fn prepare(&mut self, checkpoint: u64) -> Result<Option<String>>;

    /// Makes visible what `prepare` named. Called again with the same name after a failure: must be idempotent.
    fn commit(&mut self, prepared: &str) -> Result<()>;

    /// Drops what `prepare` named, or (with `None`) what was written since the last `prepare`.
    fn abort(&mut self, prepared: Option<&str>) -> Result<()>;
}

/// Batches that are only inserts, as most sources give.
pub fn inserts(split: &Arc<str>, rows: RecordBatch) -> ReaderEvent {
    ReaderEvent::Batch { split: split.clone(), batch: ChangelogBatch::inserts(rows) }
}
