//! Table functions: columns in, for each row zero or more rows out, in chunks.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::datatypes::{DataType, Fields};
use wasmtime::component::TypedFunc;

use crate::bound::{Patience, Template, with_columns};
use crate::decode::decode_all;
use crate::error::{Error, Result, RowError, RowErrorCause};
use crate::instance::Instance;
use crate::metrics::Meter;
use crate::pace::Pace;
use crate::scalar::row_errors;
use crate::wire::description::WireTableChunk;
use crate::wire::lower::{Columns, Scratch};

/// Chunks without a row that a guest may give in a row before it is taken to be stuck.
const MAX_EMPTY_CHUNKS: usize = 1000;
/// Output rows that a probe asks for at once.
const PROBE_ROWS: u32 = 8192;
/// Rows of one call that may time out alone before the call is given up: each takes its whole time.
const MAX_TIMED_OUT_ROWS: usize = 4;

type Begin = TypedFunc<(u32, u32, &'static Columns<'static>), (Result<(), String>,)>;
type Next = TypedFunc<(u32, u32), (Result<WireTableChunk, String>,)>;

/// Some of the rows that a table function gave for a batch.
#[derive(Debug, Clone)]
pub struct TableChunk {
    /// For each output row, the input row it belongs to; not decreasing over the chunks of a call.
    pub rows: UInt32Array,
    /// The columns of the result, as long as `rows`.
    pub columns: Vec<ArrayRef>,
    /// Input rows that failed, in no order, each once in a call. What such a row gave before it failed has been given.
    pub errors: Vec<RowError>,
}

/// An instance of a table function, for one subtask. [`TableFunction::begin`] takes a batch, [`TableFunction::next`]
/// gives its output in chunks, so that an expansion is held neither here nor in the guest.
///
/// A row that traps, takes too long, or gives more than `max-output-rows` fails alone; the others have their output.
pub struct TableFunction {
    template: Arc<Template>,
    columns: Fields,
    live: Option<Live>,
    scratch: Scratch,
    input: Option<Input>,
    meter: Meter,
    patience: Patience,
    pace: Pace,
}

struct Live {
    instance: Instance,
    handle: u32,
    begin: Begin,
    next: Next,
    initial: usize,
}

/// What is left of a batch.
struct Input {
    columns: Vec<ArrayRef>,
    /// Ranges to begin, in order.
    todo: VecDeque<Range>,
    /// The range that was begun.
    current: Option<Range>,
    /// Errors that go out with the next chunk.
    errors: Vec<RowError>,
    /// Rows whose error the guest has returned.
    reported: HashSet<u32>,
    /// Whether a failure was seen that no row explains.
    unexplained: bool,
    /// After a call took too long: the time for each of several rows, so that a row that takes for ever is soon alone.
    probe: Option<Duration>,
    timed_out: usize,
    rows: usize,
    /// Its rows have been counted.
    counted: bool,
}

/// Input rows that are sent in one `begin`.
#[derive(Debug, Clone, Copy)]
struct Range {
    start: u32,
    length: u32,
    /// The last row that gave output, from the start of the batch.
    row: u32,
    /// How much output that row gave.
    given: usize,
    /// Output rows of the first row to leave out, since they went out before a failure.
    skip: usize,
    /// One row that is known to fail. Its output is asked for row by row, so that all that it gives before it fails goes
    /// out, however large chunks are.
    doomed: bool,
}

impl Range {
    fn new(start: u32, end: u32, skip: usize) -> Self {
        Range { start, length: end - start, row: start, given: 0, skip, doomed: false }
    }

    fn end(&self) -> u32 {
        self.start + self.length
    }
}

impl std::fmt::Debug for TableFunction {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("TableFunction").field("template", &self.template).finish_non_exhaustive()
    }
}

impl TableFunction {
    pub(crate) fn new(template: Arc<Template>) -> Result<Self> {
        let DataType::Struct(columns) = template.result.data_type() else {
            return Err(Error::Bug("the result of a table function is no struct".into()));
        };
        let columns = columns.clone();
        let live = Some(Live::new(&template, template.instance()?)?);
        let mut meter = template.metrics.meter();
        meter.made(false);
        let (scratch, patience, pace) = (Scratch::default(), Patience::default(), Pace::default());
        Ok(TableFunction { template, columns, live, scratch, input: None, meter, patience, pace })
    }

    /// Goes on however many rows of a batch time out, until the flag is set: for who does without the rows that fail.
    pub fn persist_until(&mut self, cancelled: Arc<AtomicBool>) {
        self.patience = Patience::until(cancelled);
    }

    /// Gives up when the flag is set, also between the parts of a call that failed.
    pub fn stop_when(&mut self, cancelled: Arc<AtomicBool>) {
        self.patience = Patience::watching(cancelled);
    }

    /// Takes a batch of `rows` rows: one column per argument, each of that length. What was left of an earlier batch is
    /// dropped. Nothing is called before [`TableFunction::next`].
    pub fn begin(&mut self, columns: &[ArrayRef], rows: usize) -> Result<()> {
        let template = &self.template;
        let adapted = template.adapt("arguments", &template.arguments, columns, rows)?;
        let mut todo = VecDeque::new();
        if rows > 0 {
            todo.push_back(Range::new(0, rows as u32, 0));
        }
        self.input = Some(Input {
            columns: adapted.unwrap_or_else(|| columns.to_vec()),
            todo,
            current: None,
            errors: Vec::new(),
            reported: HashSet::new(),
            unexplained: false,
            probe: None,
            timed_out: 0,
            rows,
            counted: false,
        });
        Ok(())
    }

    /// The next chunk, of at most `max_rows` rows; `None` after the last.
    ///
    /// # Errors
    ///
    /// Where the whole batch failed; what is left of it is dropped. Rows that fail alone are no error (see
    /// [`TableChunk::errors`]).
    pub fn next(&mut self, max_rows: usize) -> Result<Option<TableChunk>> {
        let max_rows = u32::try_from(max_rows).unwrap_or(u32::MAX).max(1);
        let Some(mut input) = self.input.take() else {
            return Ok(None);
        };
        self.meter.begin(if input.counted { 0 } else { input.rows });
        let chunk = self.next_of(&mut input, max_rows);
        let rows = if std::mem::replace(&mut input.counted, true) { 0 } else { input.rows };
        self.meter.end(rows, chunk.as_ref().ok().and_then(Option::as_ref).map_or(&[], |chunk| &chunk.errors));
        let chunk = chunk?;
        if chunk.is_some() {
            self.input = Some(input);
        }
        Ok(chunk)
    }

    /// Bytes of the instance's linear memory.
    pub fn memory(&self) -> usize {
        self.live.as_ref().map_or(0, |live| live.instance.memory())
    }

    fn next_of(&mut self, input: &mut Input, max_rows: u32) -> Result<Option<TableChunk>> {
        let mut empty = 0;
        loop {
            self.patience.check(&self.template)?;
            let began = match input.current {
                Some(range) => range,
                None => match input.todo.pop_front() {
                    Some(range) => {
                        let range = self.cut(input, range);
                        let probe = input.probe.filter(|_| range.length > 1);
                        if let Err(error) = self.begin_range(&input.columns, range, probe) {
                            self.recover(input, range, error)?;
                            continue;
                        }
                        input.current = Some(range);
                        range
                    }
                    None if input.errors.is_empty() => return Ok(None),
                    None => return Ok(Some(self.no_rows(std::mem::take(&mut input.errors)))),
                },
            };
            let mut range = began;
            let chunk = match self.next_chunk(if range.doomed { 1 } else { max_rows }, range.length) {
                Ok(chunk) => chunk,
                Err(error) => {
                    input.current = None;
                    self.recover(input, range, error)?;
                    continue;
                }
            };
            let Some(kept) = self.account(input, &mut range, &chunk) else {
                return Err(self.broken("the rows of its output decrease".into()));
            };
            let overflowed = kept.end < chunk.rows.len();
            for error in chunk.errors {
                let row = error.row + range.start;
                // What follows a row with too much output is begun anew, and rows may be repeated after a failure.
                if !(overflowed && row > range.row) && input.reported.insert(row) {
                    input.errors.push(RowError { row, ..error });
                }
            }
            if chunk.done && !range.doomed {
                self.pace.keep_up(1);
            }
            input.current = (!chunk.done && !overflowed).then_some(range);
            if overflowed {
                // The instance may be kept: the next `begin` drops what it has left.
                let next = range.row + 1;
                if next < range.end() {
                    input.todo.push_front(Range::new(next, range.end(), 0));
                }
            }
            if kept.is_empty() && input.errors.is_empty() {
                empty = if chunk.done { 0 } else { empty + 1 };
                if empty > MAX_EMPTY_CHUNKS {
                    return Err(self.broken(format!("it gave {empty} chunks without a row, one after the other")));
                }
                continue;
            }
            let rows = chunk.rows[kept.clone()].iter().map(|row| row + range.start);
            let columns = chunk.columns.iter().map(|column| column.slice(kept.start, kept.len())).collect();
            return Ok(Some(TableChunk {
                rows: UInt32Array::from_iter_values(rows),
                columns,
                errors: std::mem::take(&mut input.errors),
            }));
        }
    }

    /// As many rows of a range as there is time for; the others are left to be begun.
    fn cut(&self, input: &mut Input, range: Range) -> Range {
        let longest = u32::try_from(self.pace.longest()).unwrap_or(u32::MAX);
        if range.length <= longest {
            return range;
        }
        let middle = range.start + longest;
        input.todo.push_front(Range::new(middle, range.end(), 0));
        Range::new(range.start, middle, range.skip)
    }

    /// Counts a chunk's rows per input row, and says which of them go out: not those that went out before a failure,
    /// and not those of a row beyond its limit, which gets an error. `None` where the input rows decrease.
    fn account(&self, input: &mut Input, range: &mut Range, chunk: &Chunk) -> Option<std::ops::Range<usize>> {
        let limit = self.template.limits.max_output_rows;
        let mut from = 0;
        for (index, &row) in chunk.rows.iter().enumerate() {
            let row = row + range.start;
            if row < range.row {
                return None;
            }
            if row > range.row {
                range.row = row;
                range.given = 0;
                range.skip = 0;
            }
            range.given += 1;
            if range.given <= range.skip {
                from = index + 1;
            }
            if range.given > limit {
                input.errors.push(RowError {
                    row,
                    cause: RowErrorCause::Output,
                    message: format!("gives more than {limit} rows for one input row (option 'max-output-rows')"),
                });
                return Some(from.min(index)..index);
            }
        }
        Some(from..chunk.rows.len())
    }

    fn no_rows(&self, errors: Vec<RowError>) -> TableChunk {
        let columns = self.columns.iter().map(|field| arrow::array::new_empty_array(field.data_type()));
        TableChunk { rows: UInt32Array::from(Vec::<u32>::new()), columns: columns.collect(), errors }
    }

    fn broken(&mut self, reason: String) -> Error {
        match self.live.take() {
            Some(mut live) => self.template.bad_result(&mut live.instance, reason),
            None => Error::Bug("a chunk without an instance".into()),
        }
    }

    fn begin_range(&mut self, columns: &[ArrayRef], range: Range, timeout: Option<Duration>) -> Result<()> {
        let template = &self.template;
        let mut live = match self.live.take() {
            Some(live) if !template.has_outgrown(&live.instance, live.initial) => live,
            _ => {
                let live = Live::new(template, template.fresh_instance()?)?;
                self.meter.made(true);
                live
            }
        };
        live.instance.timed = self.meter.is_timing();
        live.instance.set_timeout(timeout.unwrap_or(template.limits.timeout));
        let whole = range.start == 0 && columns.first().is_none_or(|column| column.len() == range.length as usize);
        let sliced: Vec<ArrayRef>;
        let columns = if whole {
            columns
        } else {
            sliced = columns.iter().map(|column| column.slice(range.start as usize, range.length as usize)).collect();
            &sliced
        };
        let (began, kept) = with_columns(columns, &mut self.scratch, |columns| {
            let began = live.instance.call(live.begin, (live.handle, range.length, &columns));
            (began, columns.into_scratch())
        })
        .map_err(|reason| template.argument(reason))?;
        self.scratch = kept;
        self.meter.take(&mut live.instance);
        let (began,) = began?;
        let began = began.map_err(|message| template.guest_error(&live.instance, message));
        self.live = Some(live);
        began
    }

    /// The next chunk of the range that was begun, checked and decoded. A failed instance is dropped.
    fn next_chunk(&mut self, max_rows: u32, length: u32) -> Result<Chunk> {
        let mut live = self.live.take().ok_or_else(|| Error::Bug("next without an instance".into()))?;
        live.instance.timed = self.meter.is_timing();
        let chunk = live.instance.call(live.next, (live.handle, max_rows));
        self.meter.take(&mut live.instance);
        let (chunk,) = chunk?;
        let chunk = match chunk {
            Ok(mut chunk) => {
                live.instance.redact_rows(&mut chunk.errors);
                chunk
            }
            Err(message) => {
                let error = self.template.guest_error(&live.instance, message);
                self.live = Some(live);
                return Err(error);
            }
        };
        match self.check(chunk, max_rows, length) {
            Ok(chunk) => {
                self.live = Some(live);
                Ok(chunk)
            }
            Err(reason) => Err(self.template.bad_result(&mut live.instance, reason)),
        }
    }

    fn check(&self, chunk: WireTableChunk, max_rows: u32, length: u32) -> Result<Chunk, String> {
        let count = chunk.rows.len();
        if count > max_rows as usize {
            return Err(format!("it gave {count} rows where at most {max_rows} were asked for"));
        }
        if let Some(row) = chunk.rows.iter().find(|row| **row >= length) {
            return Err(format!("it gave output for row {row} of {length} rows"));
        }
        let fields = self.columns.iter().map(|field| field.as_ref());
        let columns = decode_all(chunk.columns, fields, count)?;
        let errors = row_errors(chunk.errors, length as usize)?;
        Ok(Chunk { rows: chunk.rows, columns, errors, done: chunk.done })
    }

    /// After a failure: finds the row that fails alone, and plans the rest without it.
    fn recover(&mut self, input: &mut Input, failed: Range, cause: Error) -> Result<()> {
        if !cause.may_be_of_a_row() {
            return Err(cause);
        }
        if failed.doomed {
            input.errors.push(RowError {
                row: failed.start,
                cause: RowErrorCause::of(&cause),
                message: cause.row_message(),
            });
            return Ok(());
        }
        let skip = if failed.row == failed.start { failed.given.max(failed.skip) } else { failed.given };
        if matches!(cause, Error::Timeout { .. }) && failed.length > 1 {
            // Its rows may take too long together, and none of them alone.
            self.live = None;
            self.pace.slow_down((failed.end() - failed.row) as usize / 2);
            input.probe = Some(self.template.probe_timeout(&cause));
            input.todo.push_front(Range::new(failed.row, failed.end(), skip));
            return Ok(());
        }
        let probe = self.template.probe_timeout(&cause);
        let Some((row, error)) = self.failing_row(&input.columns, failed.row, failed.end(), probe)? else {
            if input.unexplained {
                return Err(cause.with_remark("no single row explains it"));
            }
            input.unexplained = true;
            tracing::warn!(
                function = %self.template.name,
                %cause,
                "a call failed that no single row explains; it is repeated once"
            );
            input.todo.push_front(Range::new(failed.row, failed.end(), skip));
            return Ok(());
        };
        if matches!(error, Error::Timeout { .. }) {
            input.timed_out += 1;
            if self.patience.is_out(input.timed_out, MAX_TIMED_OUT_ROWS) {
                let remark = format!("{} rows of the batch so far", input.timed_out);
                return Err(error.with_row(row).with_remark(&remark));
            }
        }
        if row + 1 < failed.end() {
            input.todo.push_front(Range::new(row + 1, failed.end(), 0));
        }
        let given = if row == failed.row { skip } else { 0 };
        input.todo.push_front(Range { doomed: true, ..Range::new(row, row + 1, given) });
        if failed.row < row {
            input.todo.push_front(Range::new(failed.row, row, skip));
        }
        Ok(())
    }

    /// The first of the rows that fails alone on a fresh instance, with its error.
    fn failing_row(
        &mut self,
        columns: &[ArrayRef],
        start: u32,
        end: u32,
        probe: Duration,
    ) -> Result<Option<(u32, Error)>> {
        let (mut low, mut high) = (start, end);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.probe(columns, low, middle, probe)? {
                Some(_) => high = middle,
                None => low = middle,
            }
        }
        let timeout = self.template.limits.timeout;
        Ok(self.probe(columns, low, high, timeout)?.map(|error| (low, error)))
    }

    /// Runs some rows on a fresh instance and drops their output. Gives the error that may be of a row.
    fn probe(&mut self, columns: &[ArrayRef], start: u32, end: u32, timeout: Duration) -> Result<Option<Error>> {
        self.live = None;
        let range = Range::new(start, end, 0);
        let run = |function: &mut Self| -> Result<()> {
            function.begin_range(columns, range, Some(timeout))?;
            let (mut total, mut empty) = (0usize, 0);
            let most = function.template.limits.max_output_rows.saturating_mul(range.length as usize);
            loop {
                function.patience.check(&function.template)?;
                let chunk = function.next_chunk(PROBE_ROWS, range.length)?;
                total += chunk.rows.len();
                empty = if chunk.rows.is_empty() { empty + 1 } else { 0 };
                // What gives too much for a row, or nothing for ever, is found when its rows go out.
                if chunk.done || total > most || empty > MAX_EMPTY_CHUNKS {
                    return Ok(());
                }
            }
        };
        let ran = run(self);
        self.live = None;
        match ran {
            Ok(()) => Ok(None),
            Err(error) if error.may_be_of_a_row() => Ok(Some(error)),
            Err(error) => Err(error),
        }
    }
}

/// A chunk, decoded; rows from the start of its range.
struct Chunk {
    rows: Vec<u32>,
    columns: Vec<ArrayRef>,
    errors: Vec<RowError>,
    done: bool,
}

impl Live {
    fn new(template: &Template, (mut instance, handle): (Instance, u32)) -> Result<Self> {
        let begin = instance.function(&template.package.exports.begin)?;
        let next = instance.function(&template.package.exports.next)?;
        let initial = instance.memory();
        Ok(Live { instance, handle, begin, next, initial })
    }
}
