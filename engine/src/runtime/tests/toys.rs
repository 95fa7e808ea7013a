//! Sources, operators and sinks that are simple enough to know what must come out.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, UInt16Array};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit, UInt16Type};
use datafusion::physical_expr::expressions::Column;

use crate::changelog::{ChangelogBatch, ChangelogMode};
use crate::connectors::{
    ReaderContext, ReaderEvent, Sink, SinkWriter, Source, SourceReader, Split, SplitEnumerator, WriterContext,
};
use crate::error::{Error, Result};
use crate::operators::{Operator, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::runtime::{Exchange, Input, JobGraph, Node, NodeId, NodeKind, SinkSpec, SourceSpec, WatermarkSpec};
use crate::state::{KEY_GROUP_COLUMN, Snapshot, key_groups};

/// `key BIGINT, amount BIGINT, ts TIMESTAMP(3)`.
pub(super) fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("key", DataType::Int64, true),
        Field::new("amount", DataType::Int64, true),
        Field::new("ts", DataType::Timestamp(TimeUnit::Millisecond, None), true),
    ]))
}

/// Rows of `(key, amount, milliseconds)`.
pub(super) fn rows(rows: &[(i64, i64, i64)]) -> ChangelogBatch {
    let column = |value: fn(&(i64, i64, i64)) -> i64| Arc::new(Int64Array::from_iter_values(rows.iter().map(value)));
    let ts = column(|row| row.2).reinterpret_cast::<datafusion::arrow::datatypes::TimestampMillisecondType>();
    let columns: Vec<ArrayRef> = vec![column(|row| row.0), column(|row| row.1), Arc::new(ts)];
    ChangelogBatch::inserts(RecordBatch::try_new(schema(), columns).unwrap())
}

/// A source whose splits are written by the test while it is read.
#[derive(Default)]
pub(super) struct Tape {
    /// By split; a split's position is a number of batches.
    splits: Mutex<Vec<Vec<ChangelogBatch>>>,
    closed: AtomicBool,
    bounded: bool,
}

impl Tape {
    pub(super) fn new(splits: usize, bounded: bool) -> Arc<Self> {
        Arc::new(Tape { splits: Mutex::new(vec![vec![]; splits]), closed: AtomicBool::new(false), bounded })
    }

    pub(super) fn push(&self, split: usize, batch: ChangelogBatch) {
        self.splits.lock().unwrap()[split].push(batch);
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Amounts before a position.
    pub(super) fn sum_before(&self, split: &str, position: &str) -> i64 {
        let (split, position): (usize, usize) = (split.parse().unwrap(), position.parse().unwrap_or(0));
        self.splits.lock().unwrap()[split][..position].iter().map(|batch| amounts(batch).iter().sum::<i64>()).sum()
    }
}

pub(super) fn amounts(batch: &ChangelogBatch) -> Vec<i64> {
    batch.rows().column(1).as_primitive::<Int64Type>().values().to_vec()
}

impl Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tape")
    }
}

#[derive(Debug)]
struct TapeSource(Arc<Tape>);

impl Source for TapeSource {
    fn is_bounded(&self) -> bool {
        self.0.bounded
    }

    fn splits_end(&self) -> bool {
        self.0.bounded
    }

    fn schema(&self) -> SchemaRef {
        schema()
    }

    fn enumerator(&self, _parallelism: usize) -> Result<Box<dyn SplitEnumerator>> {
        Ok(Box::new(TapeEnumerator { splits: self.0.splits.lock().unwrap().len(), found: 0 }))
    }

    fn reader(&self, _context: &ReaderContext) -> Result<Box<dyn SourceReader>> {
        Ok(Box::new(TapeReader { tape: self.0.clone(), splits: vec![], turn: 0 }))
    }
}

struct TapeEnumerator {
    splits: usize,
    found: usize,
}

impl SplitEnumerator for TapeEnumerator {
    fn discover(&mut self) -> Result<Vec<Split>> {
        let new = self.found..self.splits;
        self.found = self.splits;
        Ok(new.map(|split| Split { id: split.to_string(), position: String::new() }).collect())
    }

    fn interval(&self) -> Option<Duration> {
        None
    }

    fn snapshot(&self) -> Vec<String> {
        vec![self.found.to_string()]
    }

    fn restore(&mut self, snapshot: Vec<String>) -> Result<()> {
        self.found = snapshot[0].parse().unwrap();
        Ok(())
    }
}

struct TapeReader {
    tape: Arc<Tape>,
    splits: Vec<(Arc<str>, usize)>,
    turn: usize,
}

impl SourceReader for TapeReader {
    fn add_split(&mut self, split: Split) -> Result<()> {
        self.splits.push((split.id.as_str().into(), split.position.parse().unwrap_or(0)));
        Ok(())
    }

    fn poll(&mut self) -> Result<ReaderEvent> {
        for _ in 0..self.splits.len() {
            self.turn = (self.turn + 1) % self.splits.len();
            let (split, position) = &mut self.splits[self.turn];
            let closed = self.tape.closed.load(Ordering::SeqCst);
            let index: usize = split.parse().unwrap();
            let batch = self.tape.splits.lock().unwrap()[index].get(*position).cloned();
            if let Some(batch) = batch {
                *position += 1;
                return Ok(ReaderEvent::Batch { split: split.clone(), batch });
            }
            if closed {
                let split = self.splits.remove(self.turn).0;
                return Ok(ReaderEvent::Finished { split });
            }
        }
        std::thread::sleep(Duration::from_millis(1));
        Ok(ReaderEvent::Idle)
    }

    fn snapshot(&self) -> Vec<Split> {
        let split = |(id, position): &(Arc<str>, usize)| Split { id: id.to_string(), position: position.to_string() };
        self.splits.iter().map(split).collect()
    }
}

/// Makes an operator from a closure.
pub(super) struct Toy {
    pub(super) create: Box<dyn Fn(&Subtask) -> Box<dyn Operator> + Send + Sync>,
}

impl Debug for Toy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Toy")
    }
}

impl OperatorSpec for Toy {
    fn name(&self) -> &'static str {
        "Toy"
    }

    fn describe(&self) -> String {
        String::new()
    }

    fn schema(&self) -> SchemaRef {
        schema()
    }

    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>> {
        Ok((self.create)(subtask))
    }
}

/// The running sum of amounts by key: `(key, sum, 0)` for each key of a batch.
pub(super) struct SumByKey {
    sums: BTreeMap<i64, i64>,
    max_parallelism: usize,
}

impl SumByKey {
    pub(super) fn spec() -> Toy {
        let create = |subtask: &Subtask| {
            Box::new(SumByKey { sums: BTreeMap::new(), max_parallelism: subtask.max_parallelism }) as Box<dyn Operator>
        };
        Toy { create: Box::new(create) }
    }
}

impl Operator for SumByKey {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, _now: Timestamp, out: &mut Output) -> Result<Step> {
        let keys = batch.rows().column(0).as_primitive::<Int64Type>();
        let mut changed = BTreeMap::new();
        for (key, amount) in keys.values().iter().zip(amounts(&batch)) {
            let sum = self.sums.entry(*key).or_default();
            *sum += amount;
            changed.insert(*key, *sum);
        }
        let changed: Vec<_> = changed.into_iter().map(|(key, sum)| (key, sum, 0)).collect();
        out.push(rows(&changed));
        Ok(Step::Done)
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        let keys: ArrayRef = Arc::new(Int64Array::from_iter_values(self.sums.keys().copied()));
        let sums: ArrayRef = Arc::new(Int64Array::from_iter_values(self.sums.values().copied()));
        let groups = key_groups(std::slice::from_ref(&keys), keys.len(), self.max_parallelism)?;
        let groups: ArrayRef = Arc::new(UInt16Array::from(groups));
        let batch = RecordBatch::try_from_iter(vec![(KEY_GROUP_COLUMN, groups), ("key", keys), ("sum", sums)])?;
        Ok(Snapshot { keyed: BTreeMap::from([("sums".to_owned(), batch)]), operator: BTreeMap::new() })
    }

    fn restore(&mut self, snapshot: Snapshot) -> Result<()> {
        let batch = &snapshot.keyed["sums"];
        assert!(batch.column(0).as_primitive_opt::<UInt16Type>().is_some());
        let keys = batch.column(1).as_primitive::<Int64Type>().values();
        self.sums =
            keys.iter().copied().zip(batch.column(2).as_primitive::<Int64Type>().values().iter().copied()).collect();
        Ok(())
    }
}

/// All sums in a snapshot of [`SumByKey`].
pub(super) fn sum_of(snapshot: &Snapshot) -> i64 {
    snapshot.keyed["sums"].column(2).as_primitive::<Int64Type>().values().iter().sum()
}

/// Passes rows on and notes what it sees.
pub(super) struct Notes(Arc<Mutex<Vec<String>>>, Option<Timestamp>);

impl Notes {
    /// `timer`: wants to be called at this processing time.
    pub(super) fn spec(timer: Option<Timestamp>) -> (Toy, Arc<Mutex<Vec<String>>>) {
        let notes = Arc::new(Mutex::new(vec![]));
        let mine = notes.clone();
        (Toy { create: Box::new(move |_| Box::new(Notes(mine.clone(), timer))) }, notes)
    }

    fn note(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }
}

impl Operator for Notes {
    fn process(&mut self, input: usize, batch: ChangelogBatch, _now: Timestamp, out: &mut Output) -> Result<Step> {
        self.note(format!("input {input}: {:?}", amounts(&batch)));
        out.push(batch);
        Ok(Step::Done)
    }

    fn watermark(&mut self, watermark: Timestamp, _now: Timestamp, _out: &mut Output) -> Result<Step> {
        self.note(if watermark == Timestamp::MAX { "watermark max".into() } else { format!("watermark {watermark}") });
        Ok(Step::Done)
    }

    fn next_timer(&self) -> Option<Timestamp> {
        self.1
    }

    fn timer(&mut self, now: Timestamp, out: &mut Output) -> Result<Step> {
        self.1 = None;
        self.note(format!("timer {now}"));
        out.push(rows(&[(0, now, 0)]));
        Ok(Step::Done)
    }

    fn finish(&mut self, _out: &mut Output) -> Result<Step> {
        self.note("finish".into());
        Ok(Step::Done)
    }
}

/// Gives each row `times` times, in batches of one row, and never holds more than the output takes.
pub(super) struct Repeat {
    times: usize,
    left: Option<(ChangelogBatch, usize)>,
}

impl Repeat {
    pub(super) fn spec(times: usize) -> Toy {
        Toy { create: Box::new(move |_| Box::new(Repeat { times, left: None })) }
    }
}

impl Operator for Repeat {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, _now: Timestamp, out: &mut Output) -> Result<Step> {
        assert!(self.left.is_none(), "given a batch before the last was done");
        let total = batch.num_rows() * self.times;
        self.left = Some((batch, total));
        self.resume(out)
    }

    fn resume(&mut self, out: &mut Output) -> Result<Step> {
        let Some((batch, left)) = &mut self.left else { return Ok(Step::Done) };
        while *left > 0 {
            if out.is_full() {
                return Ok(Step::More);
            }
            *left -= 1;
            out.push(batch.slice(*left / self.times, 1));
        }
        self.left = None;
        Ok(Step::Done)
    }
}

/// Fails, or panics, at a row with a negative amount.
pub(super) struct Refuse(bool);

impl Refuse {
    pub(super) fn spec(panics: bool) -> Toy {
        Toy { create: Box::new(move |_| Box::new(Refuse(panics))) }
    }
}

impl Operator for Refuse {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, _now: Timestamp, out: &mut Output) -> Result<Step> {
        if amounts(&batch).iter().any(|&amount| amount < 0) {
            assert!(!self.0, "a negative amount");
            return Err(Error::user("a negative amount"));
        }
        out.push(batch);
        Ok(Step::Done)
    }
}

/// What a [`TestSink`] has.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) committed: Vec<ChangelogBatch>,
    prepared: BTreeMap<String, Vec<ChangelogBatch>>,
    /// Rows that were dropped.
    pub(super) aborted: usize,
    /// Rows written, whatever became of them.
    pub(super) seen: usize,
}

/// A sink that shows its rows when they are committed.
#[derive(Debug, Clone, Default)]
pub(super) struct TestSink(pub(super) Arc<Mutex<Written>>);

impl TestSink {
    /// Committed amounts, sorted.
    pub(super) fn amounts(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self.0.lock().unwrap().committed.iter().flat_map(amounts).collect();
        all.sort_unstable();
        all
    }

    /// The greatest committed amount by key: the last sum, where amounts are positive.
    pub(super) fn greatest(&self) -> BTreeMap<i64, i64> {
        let mut greatest = BTreeMap::new();
        for batch in &self.0.lock().unwrap().committed {
            let keys = batch.rows().column(0).as_primitive::<Int64Type>();
            for (&key, amount) in keys.values().iter().zip(amounts(batch)) {
                let entry = greatest.entry(key).or_insert(amount);
                *entry = amount.max(*entry);
            }
        }
        greatest
    }

    pub(super) fn wait_for(&self, seen: usize) {
        while self.0.lock().unwrap().seen < seen {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

struct TestWriter {
    written: Arc<Mutex<Written>>,
    subtask: usize,
    buffer: Vec<ChangelogBatch>,
}

impl Sink for TestSink {
    fn changelog_mode(&self) -> ChangelogMode {
        ChangelogMode::Retract
    }

    fn writer(&self, context: &WriterContext) -> Result<Box<dyn SinkWriter>> {
        Ok(Box::new(TestWriter { written: self.0.clone(), subtask: context.subtask, buffer: vec![] }))
    }
}

impl SinkWriter for TestWriter {
    fn write(&mut self, batch: ChangelogBatch) -> Result<()> {
        self.written.lock().unwrap().seen += batch.num_rows();
        self.buffer.push(batch);
        Ok(())
    }

    fn prepare(&mut self, checkpoint: u64) -> Result<Option<String>> {
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let name = format!("{}-{checkpoint}", self.subtask);
        self.written.lock().unwrap().prepared.insert(name.clone(), std::mem::take(&mut self.buffer));
        Ok(Some(name))
    }

    fn commit(&mut self, prepared: &str) -> Result<()> {
        let mut written = self.written.lock().unwrap();
        let batches = written.prepared.remove(prepared).unwrap_or_default();
        written.committed.extend(batches);
        Ok(())
    }

    fn abort(&mut self, prepared: Option<&str>) -> Result<()> {
        let mut written = self.written.lock().unwrap();
        let dropped = match prepared {
            Some(name) => written.prepared.remove(name).unwrap_or_default(),
            None => std::mem::take(&mut self.buffer),
        };
        written.aborted += dropped.iter().map(ChangelogBatch::num_rows).sum::<usize>();
        Ok(())
    }
}

// ---- graphs ----------------------------------------------------------------------------------------------------------

/// Builds a graph, node by node.
#[derive(Default)]
pub(super) struct Builder(pub(super) JobGraph);

impl Builder {
    fn add(&mut self, kind: NodeKind, parallelism: usize, inputs: Vec<Input>) -> NodeId {
        self.0.nodes.push(Node { kind, inputs, parallelism, changelog_mode: ChangelogMode::AppendOnly });
        self.0.nodes.len() - 1
    }

    /// Watermarks are the rows' times.
    pub(super) fn source(&mut self, tape: &Arc<Tape>, parallelism: usize) -> NodeId {
        self.source_with_timeout(tape, parallelism, None)
    }

    pub(super) fn source_with_timeout(
        &mut self,
        tape: &Arc<Tape>,
        parallelism: usize,
        idle_timeout: Option<Duration>,
    ) -> NodeId {
        let watermark = WatermarkSpec { column: 2, expression: Arc::new(Column::new("ts", 2)), idle_timeout };
        let spec = SourceSpec {
            table: "tape".into(),
            source: Arc::new(TapeSource(tape.clone())),
            projection: None,
            schema: schema(),
            watermark: Some(watermark),
        };
        self.add(NodeKind::Source(spec), parallelism, vec![])
    }

    pub(super) fn operator(&mut self, toy: Toy, parallelism: usize, inputs: &[(NodeId, Exchange)]) -> NodeId {
        let inputs = inputs.iter().map(|(node, exchange)| Input { node: *node, exchange: exchange.clone() }).collect();
        self.add(NodeKind::Operator(Arc::new(toy)), parallelism, inputs)
    }

    pub(super) fn sink(
        &mut self,
        sink: &Arc<dyn Sink>,
        parallelism: usize,
        input: NodeId,
        exchange: Exchange,
    ) -> NodeId {
        let spec = SinkSpec { table: "sink".into(), sink: sink.clone(), schema: schema() };
        self.add(NodeKind::Sink(spec), parallelism, vec![Input { node: input, exchange }])
    }
}
