//! Calls of asynchronous functions: scalar functions that wait, with a bounded number of rows in flight.
//!
//! ```text
//! SELECT id, geocode(address) FROM visitors          'async' = 'true', 'async.capacity' = '2'
//!   +I 1 Oak          in flight
//!   +I 2 Elm          in flight; its result comes first
//!   +I 3 Ash          waits for a place
//!                     ordered: +I 1 …, +I 2 …, +I 3 …;  unordered: +I 2 …, +I 1 … or +I 3 …
//! ```
//!
//! The calls run on threads of the operator ([`workers`]); the operator itself is driven by its subtask, which is woken
//! when a result has come. It takes the next batch only when all rows of the one before are in flight: the rest is
//! backpressure. Watermarks are kept among the rows and never overtaken.
//!
//! What is in flight is no reason to wait at a barrier: the rows go into the snapshot as they came, and are called again
//! after a restore. In three cases it is waited for: where the input has updates, whose order by key another parallelism
//! would not keep; where rows stand behind a watermark, which is in no snapshot, so that a late row would be in time
//! after a restore; and at the barrier of a job that stops.

mod workers;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, UInt32Array, new_null_array,
};
use datafusion::arrow::compute::{concat, interleave};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, UInt32Type};
use datafusion::physical_expr::PhysicalExpr;

use self::workers::{Reply, RowCallers, Workers};
use super::calc::{describe, evaluate, evaluate_filter};
use super::component_call::ComponentCall;
use super::dead_letter::{describe_policies, push_dead_letters};
use super::{Operator, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::{ChangelogBatch, RowKinds};
use crate::error::{Error, Result};
use crate::functions::component::{AsyncOptions, AsyncOutput, BoundComponent, OnError, RowError, row_failed};
use crate::state::{Snapshot, check_schema};

/// The plan of an asynchronous call, which appends its result to the input.
#[derive(Debug, Clone)]
pub struct AsyncCallSpec {
    name: String,
    function: Option<BoundComponent>,
    on_error: OnError,
    callers: Arc<dyn RowCallers>,
    arguments: Vec<Arc<dyn PhysicalExpr>>,
    selection: Option<Arc<dyn PhysicalExpr>>,
    options: AsyncOptions,
    input: SchemaRef,
    /// Updates may come: their order matters.
    input_updates: bool,
    /// The input's columns, then the result.
    schema: SchemaRef,
}

impl AsyncCallSpec {
    /// # Errors
    /// A bug where the function is not asynchronous.
    pub fn new(call: ComponentCall, input: &SchemaRef, input_updates: bool) -> Result<Self> {
        let ComponentCall { function, arguments, selection, result } = call;
        let options = function.asynchronous().cloned();
        let options = options.ok_or_else(|| Error::bug(format!("'{}' is not asynchronous", function.name())))?;
        Ok(AsyncCallSpec {
            name: function.name().to_owned(),
            on_error: function.on_error(),
            callers: Arc::new(function.clone()),
            function: Some(function),
            arguments,
            selection,
            options,
            input: input.clone(),
            input_updates,
            schema: appended(input, result),
        })
    }

    fn result(&self) -> &DataType {
        self.schema.field(self.input.fields().len()).data_type()
    }
}

fn appended(input: &SchemaRef, result: FieldRef) -> SchemaRef {
    Arc::new(Schema::new(input.fields().iter().cloned().chain([result]).collect::<Vec<_>>()))
}

impl OperatorSpec for AsyncCallSpec {
    fn name(&self) -> &'static str {
        "AsyncCall"
    }

    fn describe(&self) -> String {
        let arguments = self.arguments.iter().map(describe).collect::<Vec<_>>().join(", ");
        let selection = self.selection.as_ref().map_or(String::new(), |it| format!(" WHERE {}", describe(it)));
        let result = self.schema.field(self.input.fields().len()).name();
        let AsyncOptions { capacity, timeout, output, max_attempts, retry_delay } = &self.options;
        let output = match output {
            AsyncOutput::Ordered => "ordered",
            AsyncOutput::Unordered => "allow-unordered",
        };
        let retry = match max_attempts {
            1 => "no-retry".to_owned(),
            attempts => format!("fixed-delay {} ms, {attempts} attempts", retry_delay.as_millis()),
        };
        let granted = self.function.as_ref().map_or(String::new(), BoundComponent::describe_grants);
        format!(
            "call=[{}({arguments}){granted}{selection} AS {result}], capacity=[{capacity}], timeout=[{} ms], outputMode=[{output}], retry=[{retry}]{}",
            self.name,
            timeout.as_millis(),
            describe_policies(&self.function)
        )
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn functions(&self) -> Vec<&BoundComponent> {
        self.function.iter().collect()
    }

    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>> {
        Ok(Box::new(AsyncCalls {
            workers: Workers::new(self.callers.clone(), self.options.clone(), subtask.waker.clone()),
            spec: self.clone(),
            subtask: subtask.clone(),
            queue: VecDeque::new(),
            next_id: 0,
            started: 0,
            waiting: 0,
            restored: false,
            incoming: None,
            draining: false,
            now: 0,
        }))
    }
}

struct AsyncCalls {
    spec: AsyncCallSpec,
    subtask: Subtask,
    workers: Workers,
    /// Rows and watermarks in the order in which they came; by ascending id.
    queue: VecDeque<Entry>,
    next_id: u64,
    /// Rows of the queue that were handed to a thread.
    started: usize,
    /// Rows of the queue that are still to be.
    waiting: usize,
    /// Rows were restored, and nobody has started them.
    restored: bool,
    /// A batch that is taken when all rows before it are started.
    incoming: Option<ChangelogBatch>,
    /// Until the queue is empty.
    draining: bool,
    now: Timestamp,
}

struct Entry {
    id: u64,
    what: What,
}

enum What {
    Row { input: Arc<Input>, row: u32, state: State },
    Watermark(Timestamp),
}

enum State {
    /// The row of the arguments.
    Waiting(u32),
    Running(u32),
    /// A column of one row.
    Done(ArrayRef),
    /// It needs no call.
    NotSelected,
    Failed(RowError),
}

/// A batch that came.
struct Input {
    batch: ChangelogBatch,
    /// For the selected rows.
    arguments: Vec<ArrayRef>,
}

/// How long to wait before looking whether the job was cancelled.
const LOOK: Duration = Duration::from_millis(20);

impl AsyncCalls {
    fn enqueue(&mut self, what: What) {
        self.queue.push_back(Entry { id: self.next_id, what });
        self.next_id += 1;
    }

    fn admit(&mut self, batch: ChangelogBatch) -> Result<()> {
        let rows = batch.num_rows();
        let selected: Vec<u32> = match &self.spec.selection {
            None => (0..rows as u32).collect(),
            Some(selection) => {
                let mask = evaluate_filter(selection, batch.rows())?;
                mask.values().set_indices().map(|row| row as u32).collect()
            }
        };
        // The arguments are computed for the selected rows only: for the others they may have no value.
        let chosen = match selected.len() == rows {
            true => batch.rows().clone(),
            false => batch.take(&UInt32Array::from(selected.clone()))?.into_parts().0,
        };
        let arguments = self.spec.arguments.iter().map(|it| evaluate(it, &chosen)).collect::<Result<Vec<_>>>()?;
        let input = Arc::new(Input { batch, arguments });
        let mut selected = selected.into_iter().enumerate().peekable();
        for row in 0..rows as u32 {
            let state = match selected.next_if(|(_, chosen)| *chosen == row) {
                Some((place, _)) => {
                    self.waiting += 1;
                    State::Waiting(place as u32)
                }
                None => State::NotSelected,
            };
            self.enqueue(What::Row { input: input.clone(), row, state });
        }
        Ok(())
    }

    /// Starts rows while there is room. Rows that need no call take no place.
    fn start(&mut self) -> Result<()> {
        if self.waiting == 0 || self.started >= self.spec.options.capacity {
            return Ok(());
        }
        let mut at =
            self.queue.iter().position(|entry| matches!(entry.what, What::Row { state: State::Waiting(_), .. }));
        while let Some(index) = at.filter(|_| self.started < self.spec.options.capacity) {
            let Some(Entry { id, what }) = self.queue.get_mut(index) else { break };
            if let What::Row { input, state, .. } = what
                && let State::Waiting(place) = *state
            {
                let row = input.arguments.iter().map(|column| column.slice(place as usize, 1)).collect();
                *state = State::Running(place);
                self.workers.submit(*id, row)?;
                self.started += 1;
                self.waiting -= 1;
            }
            at = (index + 1 < self.queue.len()).then_some(index + 1);
        }
        Ok(())
    }

    fn take_reply(&mut self, reply: Reply) -> Result<()> {
        let found = self.queue.binary_search_by_key(&reply.id, |entry| entry.id);
        let Ok(index) = found else { return Err(Error::bug("a reply for a row that is gone")) };
        let What::Row { input, state, .. } = &mut self.queue[index].what else {
            return Err(Error::bug("a reply for a watermark"));
        };
        let State::Running(place) = *state else { return Err(Error::bug("a second reply for a row")) };
        *state = match reply.outcome? {
            Ok(value) => State::Done(value),
            Err(error) => {
                let error = RowError { row: place, ..error };
                if self.spec.on_error == OnError::Fail {
                    return Err(row_failed(&self.spec.name, &error, &input.arguments));
                }
                State::Failed(error)
            }
        };
        Ok(())
    }

    /// Takes from the queue what may go out: at most one batch, and the watermark behind it. Whether there was something.
    fn emit(&mut self, out: &mut Output) -> Result<bool> {
        let mut ready = Ready::default();
        let ordered = self.spec.options.output == AsyncOutput::Ordered;
        let mut index = 0;
        while let Some(entry) = self.queue.get(index) {
            if ready.rows.len() + ready.failed.len() >= self.subtask.batch_size.max(1) {
                break;
            }
            match &entry.what {
                What::Watermark(watermark) => {
                    // All rows before it have gone, or nothing may pass it.
                    if index == 0 {
                        out.push_watermark(*watermark);
                        self.queue.pop_front();
                        ready.watermark = true;
                    }
                    break;
                }
                What::Row { state: State::Done(_) | State::Failed(_) | State::NotSelected, .. } => {
                    if let Some(Entry { what: What::Row { input, row, state }, .. }) = self.queue.remove(index) {
                        self.settle(input, row, state, &mut ready)?;
                    }
                }
                What::Row { state: State::Running(_), .. } if !ordered => index += 1,
                What::Row { .. } => break,
            }
        }
        let something = ready.watermark || !ready.rows.is_empty() || !ready.failed.is_empty();
        for (input, row, error) in std::mem::take(&mut ready.failed) {
            self.subtask.metrics.function_errors.fetch_add(1, Ordering::Relaxed);
            if let Some(function) = &self.spec.function {
                let (arguments, batch) = (&input.arguments, &input.batch);
                push_dead_letters(function, &[error], arguments, batch, &[row], self.now, out)?;
            }
        }
        if !ready.rows.is_empty() {
            out.push(self.batch_of(&ready)?);
        }
        Ok(something)
    }

    fn settle(&mut self, input: Arc<Input>, row: u32, state: State, ready: &mut Ready) -> Result<()> {
        match state {
            State::NotSelected => ready.rows.push((input, row, new_null_array(self.spec.result(), 1))),
            State::Done(value) => {
                self.started -= 1;
                ready.rows.push((input, row, value));
            }
            State::Failed(error) => {
                self.started -= 1;
                if self.spec.on_error == OnError::Null {
                    ready.rows.push((input.clone(), row, new_null_array(self.spec.result(), 1)));
                }
                ready.failed.push((input, row, error));
            }
            State::Waiting(_) | State::Running(_) => return Err(Error::bug("a row goes out that is not done")),
        }
        Ok(())
    }

    fn batch_of(&self, ready: &Ready) -> Result<ChangelogBatch> {
        let mut columns = gather(ready.rows.iter().map(|(input, row, _)| (input, *row)))?;
        let values: Vec<&dyn Array> = ready.rows.iter().map(|(.., value)| value.as_ref()).collect();
        columns.push(concat(&values)?);
        let kinds: Option<RowKinds> = ready
            .rows
            .iter()
            .any(|(input, ..)| input.batch.kinds().is_some())
            .then(|| ready.rows.iter().map(|(input, row, _)| input.batch.kind(*row as usize)).collect());
        ChangelogBatch::new(RecordBatch::try_new(self.spec.schema.clone(), columns)?, kinds)
    }

    /// Goes on as far as it can without waiting for what is in flight; waits where a batch has come for which there is no
    /// place, or where the queue is to be emptied.
    fn advance(&mut self, out: &mut Output) -> Result<Step> {
        self.restored = false;
        loop {
            while let Some(reply) = self.workers.try_reply() {
                self.take_reply(reply)?;
            }
            self.start()?;
            if self.emit(out)? {
                if out.is_full() || out.has_watermark() {
                    return Ok(Step::More);
                }
                continue;
            }
            match self.incoming.take() {
                Some(batch) if self.waiting == 0 => {
                    self.admit(batch)?;
                    continue;
                }
                incoming => self.incoming = incoming,
            }
            if self.incoming.is_none() && (!self.draining || self.queue.is_empty()) {
                self.draining = false;
                return Ok(Step::Done);
            }
            // What is ready should not wait behind what is not.
            if !out.is_empty() {
                return Ok(Step::More);
            }
            if self.subtask.cancelled.load(Ordering::Relaxed) {
                return Err(Error::function(format!("the call of '{}' was interrupted", self.spec.name)));
            }
            if let Some(reply) = self.workers.wait(LOOK) {
                self.take_reply(reply)?;
            }
        }
    }

    fn snapshot_schema(&self) -> SchemaRef {
        let subtask = Arc::new(Field::new(SUBTASK, DataType::UInt32, false)) as FieldRef;
        Arc::new(Schema::new([subtask].into_iter().chain(self.spec.input.fields().iter().cloned()).collect::<Vec<_>>()))
    }
}

/// The columns of rows of several batches.
fn gather<'a>(rows: impl Iterator<Item = (&'a Arc<Input>, u32)>) -> Result<Vec<ArrayRef>> {
    let mut inputs: Vec<&Arc<Input>> = vec![];
    let mut places = vec![];
    for (input, row) in rows {
        if inputs.last().is_none_or(|last| !Arc::ptr_eq(last, input)) {
            inputs.push(input);
        }
        places.push((inputs.len() - 1, row as usize));
    }
    let width = inputs.first().map_or(0, |input| input.batch.rows().num_columns());
    let column = |index: usize| {
        let columns: Vec<&dyn Array> = inputs.iter().map(|input| input.batch.rows().column(index).as_ref()).collect();
        Ok(interleave(&columns, &places)?)
    };
    (0..width).map(column).collect()
}

/// What goes out.
#[derive(Default)]
struct Ready {
    rows: Vec<(Arc<Input>, u32, ArrayRef)>,
    failed: Vec<(Arc<Input>, u32, RowError)>,
    watermark: bool,
}

/// Names in snapshots: of the table, and of the column that says in which subtask a row was.
const IN_FLIGHT: &str = "in_flight";
const SUBTASK: &str = "$subtask";

impl Operator for AsyncCalls {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, now: Timestamp, out: &mut Output) -> Result<Step> {
        self.now = now;
        self.incoming = Some(batch);
        self.advance(out)
    }

    fn resume(&mut self, out: &mut Output) -> Result<Step> {
        self.advance(out)
    }

    fn watermark(&mut self, watermark: Timestamp, now: Timestamp, out: &mut Output) -> Result<Step> {
        self.now = now;
        self.enqueue(What::Watermark(watermark));
        self.advance(out)
    }

    fn sends_watermarks(&self) -> bool {
        true
    }

    fn is_ready(&self) -> bool {
        self.restored || self.workers.has_replies()
    }

    fn poll(&mut self, now: Timestamp, out: &mut Output) -> Result<Step> {
        self.now = now;
        self.advance(out)
    }

    fn flush(&mut self, out: &mut Output) -> Result<Step> {
        self.draining = true;
        self.advance(out)
    }

    fn barrier(&mut self, stopping: bool, out: &mut Output) -> Result<Step> {
        // Snapshots have the rows and not the watermarks between them: after a restore, a late row would go before the
        // watermark that it came behind, and be in time. A watermark behind all rows may be left out: the runtime sends
        // the last one again, behind the rows that are restored.
        let watermark = self.queue.iter().position(|entry| matches!(entry.what, What::Watermark(_)));
        let rows_behind =
            watermark.is_some_and(|at| self.queue.range(at..).any(|entry| matches!(entry.what, What::Row { .. })));
        self.draining = stopping || self.spec.input_updates || rows_behind;
        self.advance(out)
    }

    fn finish(&mut self, out: &mut Output) -> Result<Step> {
        self.flush(out)
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        let rows: Vec<(&Arc<Input>, u32)> = self
            .queue
            .iter()
            .filter_map(|entry| match &entry.what {
                What::Row { input, row, .. } => Some((input, *row)),
                What::Watermark(_) => None,
            })
            .collect();
        if rows.is_empty() {
            return Ok(Snapshot::default());
        }
        let subtask: ArrayRef = Arc::new(UInt32Array::from(vec![self.subtask.index as u32; rows.len()]));
        let columns = [subtask].into_iter().chain(gather(rows.into_iter())?).collect();
        let rows = RecordBatch::try_new(self.snapshot_schema(), columns)?;
        Ok(Snapshot { operator: [(IN_FLIGHT.to_owned(), rows)].into(), ..Snapshot::default() })
    }

    fn restore(&mut self, mut snapshot: Snapshot) -> Result<()> {
        let Some(rows) = snapshot.operator.remove(IN_FLIGHT) else { return Ok(()) };
        check_schema(&rows, &self.snapshot_schema())?;
        let was = rows.column(0).as_primitive::<UInt32Type>();
        let own = |row: &u32| was.value(*row as usize) as usize % self.subtask.parallelism == self.subtask.index;
        let own = UInt32Array::from_iter_values((0..rows.num_rows() as u32).filter(own));
        let columns: Vec<usize> = (1..rows.num_columns()).collect();
        let rows = ChangelogBatch::inserts(rows.project(&columns)?).take(&own)?;
        let (rows, _) = rows.into_parts();
        // A row may have no columns and is a row all the same.
        let count = RecordBatchOptions::new().with_row_count(Some(own.len()));
        let rows = RecordBatch::try_new_with_options(self.spec.input.clone(), rows.columns().to_vec(), &count)?;
        if rows.num_rows() > 0 {
            self.admit(ChangelogBatch::inserts(rows))?;
            self.restored = true;
        }
        Ok(())
    }
}
