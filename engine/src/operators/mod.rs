//! Operators: synchronous state machines over batches.
//!
//! An operator takes batches, watermarks and the passing of time, and gives batches. It has no channels, threads, clocks
//! or IO; so its test is a script. It writes to a bounded [`Output`] and may stop half way through an input
//! ([`Step::More`]): the runtime takes what is there, lets the operators behind work it off, and calls
//! [`Operator::resume`]; so an expansion is never held.
//!
//! A file here is one operator: what it means, its spec (plain data, printable), the operator, its tests.

mod aggregate_call;
mod aggregates;
mod async_call;
mod batch_aggregate;
mod calc;
mod component_call;
mod dead_letter;
mod group_aggregate;
#[cfg(test)]
pub(crate) mod harness;
mod join;
mod keyed_rows;
mod lateral;
mod upsert_changelog;
mod upsert_materialize;
mod window;
mod window_aggregate;
mod window_assign;
mod zone;

pub use aggregate_call::AggregateCall;
pub use async_call::AsyncCallSpec;
pub use batch_aggregate::BatchAggregateSpec;
pub use calc::CalcSpec;
pub use component_call::{ComponentCall, ComponentCallSpec};
pub use dead_letter::{DEAD_LETTER_COLUMNS, dead_letter_schema};
pub use group_aggregate::GroupAggregateSpec;
pub use join::{JoinKey, JoinSpec};
pub use lateral::{LateralJoin, LateralSpec};
pub use upsert_changelog::UpsertChangelogSpec;
pub use upsert_materialize::UpsertMaterializeSpec;
pub use window::{Window, WindowColumn, WindowSource, WindowTime};
pub use window_aggregate::WindowAggregateSpec;
pub use window_assign::WindowAssignSpec;

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use crate::changelog::ChangelogBatch;
use crate::error::Result;
use crate::functions::component::BoundComponent;
use crate::state::{KeyGroupRange, Snapshot};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Timestamp = i64;

/// The watermark before the first and after the last row.
pub const MIN_WATERMARK: Timestamp = i64::MIN;
pub const MAX_WATERMARK: Timestamp = i64::MAX;

/// What an operator is made from: the immutable plan of it. Its `Debug` form holds everything.
pub trait OperatorSpec: Debug + Send + Sync {
    /// As EXPLAIN names it: `GroupAggregate`.
    fn name(&self) -> &'static str;

    /// Its attributes as EXPLAIN shows them: `groupBy=[word], select=[word, COUNT(*) AS cnt]`.
    fn describe(&self) -> String;

    /// Schema of the output.
    fn schema(&self) -> SchemaRef;

    /// The functions of components that it calls.
    fn functions(&self) -> Vec<&BoundComponent> {
        vec![]
    }

    /// A fresh instance for one subtask.
    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>>;
}

/// Where an operator instance runs.
#[derive(Debug, Clone)]
pub struct Subtask {
    /// From 0 to `parallelism` - 1.
    pub index: usize,
    pub parallelism: usize,
    /// Number of key groups.
    pub max_parallelism: usize,
    /// Rows of an output batch, at most.
    pub batch_size: usize,
    /// Rows per update of state: with 1 the changelog is Flink's, with more it is shorter.
    pub mini_batch_size: usize,
    /// The session's time zone, an IANA name.
    pub time_zone: Arc<str>,
    /// Counters that `run` and tests show.
    pub metrics: Arc<OperatorMetrics>,
    /// Set when the job is cancelled: what would go on for long ends then, with an error that nobody looks at.
    pub cancelled: Arc<AtomicBool>,
    /// For operators that wait for threads of their own: lets the subtask look at [`Operator::is_ready`].
    pub waker: Waker,
}

/// Wakes a subtask.
#[derive(Clone, Default)]
pub struct Waker(Option<Arc<dyn Fn() + Send + Sync>>);

impl Waker {
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Waker(Some(Arc::new(wake)))
    }

    pub fn wake(&self) {
        if let Some(wake) = &self.0 {
            wake();
        }
    }
}

impl Debug for Waker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waker")
    }
}

impl Subtask {
    pub fn key_groups(&self) -> KeyGroupRange {
        KeyGroupRange::of(self.index, self.parallelism, self.max_parallelism)
    }

    /// The only subtask of a test.
    pub fn for_test() -> Self {
        Subtask {
            index: 0,
            parallelism: 1,
            max_parallelism: crate::state::DEFAULT_MAX_PARALLELISM,
            batch_size: 8192,
            mini_batch_size: 8192,
            time_zone: "UTC".into(),
            metrics: Arc::default(),
            cancelled: Arc::default(),
            waker: Waker::default(),
        }
    }
}

/// Counters of one operator, over all of its subtasks.
#[derive(Debug, Default)]
pub struct OperatorMetrics {
    pub rows_in: std::sync::atomic::AtomicU64,
    pub rows_out: std::sync::atomic::AtomicU64,
    /// Rows behind the watermark that were dropped.
    pub late_rows: std::sync::atomic::AtomicU64,
    /// Retractions that found no row.
    pub lost_retractions: std::sync::atomic::AtomicU64,
    /// Rows whose function failed and was told to go on.
    pub function_errors: std::sync::atomic::AtomicU64,
}

impl OperatorMetrics {
    /// Adds to one of the counters.
    pub fn add(counter: &std::sync::atomic::AtomicU64, rows: usize) {
        counter.fetch_add(rows as u64, std::sync::atomic::Ordering::Relaxed);
    }
}

/// Whether an operator is done with what it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Step {
    Done,
    /// The output is full: take it and call [`Operator::resume`].
    More,
}

/// One instance of an operator, in one subtask.
///
/// After [`Step::More`] only `resume` is called until it returns [`Step::Done`].
pub trait Operator: Send {
    /// Takes a batch of input `input` (from 0). `now` is the processing time.
    fn process(&mut self, input: usize, batch: ChangelogBatch, now: Timestamp, out: &mut Output) -> Result<Step>;

    /// Goes on with what returned [`Step::More`].
    fn resume(&mut self, _out: &mut Output) -> Result<Step> {
        Ok(Step::Done)
    }

    /// Event time has come to `watermark`, the minimum over all inputs: no row at or before it is to come. It is sent on
    /// when this is done. [`MAX_WATERMARK`] comes at the end of bounded inputs.
    fn watermark(&mut self, _watermark: Timestamp, _now: Timestamp, _out: &mut Output) -> Result<Step> {
        Ok(Step::Done)
    }

    /// Watermarks are not sent on by the runtime: the operator keeps them among its rows and puts them out itself, by
    /// [`Output::push_watermark`].
    fn sends_watermarks(&self) -> bool {
        false
    }

    /// Something has come that was waited for: [`Operator::poll`] should be called.
    fn is_ready(&self) -> bool {
        false
    }

    /// Takes what has come.
    fn poll(&mut self, _now: Timestamp, _out: &mut Output) -> Result<Step> {
        Ok(Step::Done)
    }

    /// Waits for all that is in flight: the input becomes idle, or the job stops.
    fn flush(&mut self, _out: &mut Output) -> Result<Step> {
        Ok(Step::Done)
    }

    /// A barrier has come; [`Operator::snapshot`] follows. What is put out here belongs before it. `stopping`: nothing
    /// follows, so nothing may be in flight afterwards.
    fn barrier(&mut self, _stopping: bool, _out: &mut Output) -> Result<Step> {
        Ok(Step::Done)
    }

    /// When, in processing time, [`Operator::timer`] wants to be called.
    fn next_timer(&self) -> Option<Timestamp> {
        None
    }

    /// Processing time has come to `now`.
    fn timer(&mut self, _now: Timestamp, _out: &mut Output) -> Result<Step> {
        Ok(Step::Done)
    }

    /// All inputs have ended; [`MAX_WATERMARK`] came before. What processing-time windows hold is emitted.
    fn finish(&mut self, _out: &mut Output) -> Result<Step> {
        Ok(Step::Done)
    }

    /// The state as columns; empty for an operator without state. Called between inputs only.
    fn snapshot(&mut self) -> Result<Snapshot> {
        Ok(Snapshot::default())
    }

    /// Takes on a state before the first input: that of [`Snapshot::assign`].
    fn restore(&mut self, _snapshot: Snapshot) -> Result<()> {
        Ok(())
    }
}

/// Where an operator puts its batches.
#[derive(Debug)]
pub struct Output {
    batches: VecDeque<ChangelogBatch>,
    rows: usize,
    capacity: usize,
    /// Rows that failed, with the tables that they go to.
    dead_letters: VecDeque<(Arc<str>, RecordBatch)>,
    /// Behind all batches.
    watermark: Option<Timestamp>,
}

impl Output {
    /// Full from `capacity` rows on.
    pub fn new(capacity: usize) -> Self {
        Output { batches: VecDeque::new(), rows: 0, capacity, dead_letters: VecDeque::new(), watermark: None }
    }

    /// Adds a batch; empty ones are dropped. One batch more than full is taken, never refused.
    pub fn push(&mut self, batch: ChangelogBatch) {
        if batch.num_rows() > 0 {
            self.rows += batch.num_rows();
            self.batches.push_back(batch);
        }
    }

    /// An operator that sees this after a push returns [`Step::More`] if it has more to say.
    pub fn is_full(&self) -> bool {
        self.rows >= self.capacity
    }

    pub fn pop(&mut self) -> Option<ChangelogBatch> {
        let batch = self.batches.pop_front()?;
        self.rows -= batch.num_rows();
        Some(batch)
    }

    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Adds rows that failed, of [`dead_letter_schema`], for a table. There are never more than an input has rows.
    pub fn push_dead_letters(&mut self, table: Arc<str>, rows: RecordBatch) {
        self.dead_letters.push_back((table, rows));
    }

    /// Sends a watermark behind all batches. The operator returns [`Step::More`] before it puts out anything else.
    pub fn push_watermark(&mut self, watermark: Timestamp) {
        self.watermark = Some(watermark);
    }

    pub fn has_watermark(&self) -> bool {
        self.watermark.is_some()
    }

    /// To be taken when there are no more batches.
    pub fn pop_watermark(&mut self) -> Option<Timestamp> {
        self.watermark.take()
    }

    pub fn pop_dead_letters(&mut self) -> Option<(Arc<str>, RecordBatch)> {
        self.dead_letters.pop_front()
    }
}
