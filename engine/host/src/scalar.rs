//! Scalar functions: columns in, one column out.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use arrow::array::{Array, ArrayRef, new_empty_array, new_null_array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::concat;
use wasmtime::component::TypedFunc;

use crate::bound::{Patience, Template, with_columns};
use crate::decode::{Fault, decode};
use crate::error::{Error, Result, RowError, RowErrorCause};
use crate::instance::Instance;
use crate::metrics::Meter;
use crate::pace::Pace;
use crate::text;
use crate::wire::description::{ScalarResult, WireRowError};
use crate::wire::lower::{Columns, Scratch};

/// Rows of one call that may time out alone before the call is given up: each takes its whole time.
const MAX_TIMED_OUT_ROWS: usize = 4;

type Call = TypedFunc<(u32, u32, &'static Columns<'static>), (Result<ScalarResult, String>,)>;

/// What a scalar function gave for a batch.
#[derive(Debug, Clone)]
pub struct ScalarOutput {
    /// As many rows as the call had; NULL where a row failed.
    pub array: ArrayRef,
    /// The rows that failed, ascending, each once.
    pub errors: Vec<RowError>,
}

/// An instance of a scalar function, for one subtask.
///
/// A row that traps, or takes too long or too much memory, fails alone: the host finds it on fresh instances by
/// halving the batch, and all other rows have their values. A batch that fails as a whole though none of its rows fails
/// alone is computed in smaller pieces, with a warning. Where a batch took too long, later ones are cut before they do.
pub struct ScalarFunction {
    template: Arc<Template>,
    live: Option<Live>,
    scratch: Scratch,
    meter: Meter,
    patience: Patience,
    pace: Pace,
}

struct Live {
    instance: Instance,
    handle: u32,
    call: Call,
    /// Whether it has been called: what fails in a fresh instance is the row's fault.
    called: bool,
    /// Memory of the instance when it was new.
    initial: usize,
}

impl std::fmt::Debug for ScalarFunction {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ScalarFunction").field("template", &self.template).finish_non_exhaustive()
    }
}

impl ScalarFunction {
    pub(crate) fn new(template: Arc<Template>) -> Result<Self> {
        let live = Some(Live::new(&template, template.instance()?)?);
        let mut meter = template.metrics.meter();
        meter.made(false);
        Ok(ScalarFunction {
            template,
            live,
            scratch: Scratch::default(),
            meter,
            patience: Patience::default(),
            pace: Pace::default(),
        })
    }

    /// Goes on however many rows of a call time out, until the flag is set: for who does without the rows that fail.
    pub fn persist_until(&mut self, cancelled: Arc<AtomicBool>) {
        self.patience = Patience::until(cancelled);
    }

    /// Gives up when the flag is set, also between the parts of a call that failed.
    pub fn stop_when(&mut self, cancelled: Arc<AtomicBool>) {
        self.patience = Patience::watching(cancelled);
    }

    /// Calls the function on `rows` rows: one column per argument, each of that length.
    ///
    /// # Errors
    ///
    /// Where the whole call failed: the columns are not those bound, the guest says so or breaks the contract, or too
    /// many rows time out. Rows that fail alone are no error (see [`ScalarOutput::errors`]).
    pub fn call(&mut self, columns: &[ArrayRef], rows: usize) -> Result<ScalarOutput> {
        let template = self.template.clone();
        let adapted = template.adapt("arguments", &template.arguments, columns, rows)?;
        let columns = adapted.as_deref().unwrap_or(columns);
        if rows == 0 {
            let array = new_empty_array(template.result.data_type());
            return Ok(ScalarOutput { array, errors: Vec::new() });
        }
        self.meter.begin(rows);
        let longest = self.pace.longest();
        let output = if rows > longest {
            let ranges = (0..rows).step_by(longest).map(|start| (start, longest.min(rows - start))).rev().collect();
            self.pieces(columns, ranges, None)
        } else {
            let fresh = self.live.as_ref().is_none_or(|live| !live.called);
            match self.attempt(columns, rows, None) {
                Err(error) if error.may_be_of_a_row() && rows == 1 && fresh => Ok(failed_row(&template, &error)),
                Err(error) if error.may_be_of_a_row() => {
                    // The first has failed already, on an instance that was not fresh.
                    let halves = vec![(rows / 2, rows - rows / 2), (0, rows / 2)];
                    self.pieces(columns, if rows == 1 { vec![(0, 1)] } else { halves }, Some(error))
                }
                other => other,
            }
        };
        self.meter.end(rows, output.as_ref().map_or(&[], |output| &output.errors));
        output
    }

    /// Calls the function on one row within `timeout`, where that is less than its limit. A row that traps or takes too
    /// long is a row error at once: it is not tried again on a fresh instance. The row is not counted: see
    /// [`ScalarFunction::count_row`].
    ///
    /// # Errors
    ///
    /// As [`ScalarFunction::call`].
    pub fn call_row(&mut self, columns: &[ArrayRef], timeout: Duration) -> Result<ScalarOutput> {
        let template = self.template.clone();
        let adapted = template.adapt("arguments", &template.arguments, columns, 1)?;
        let columns = adapted.as_deref().unwrap_or(columns);
        self.meter.begin(1);
        let output = match self.attempt(columns, 1, Some(timeout.min(template.limits.timeout))) {
            Err(error) if error.may_be_of_a_row() => Ok(failed_row(&template, &error)),
            other => other,
        };
        self.meter.end(0, &[]);
        output
    }

    /// Counts a row for which [`ScalarFunction::call_row`] was called, once or several times, by what came of it.
    pub fn count_row(&mut self, error: Option<&RowError>) {
        self.meter.count(1, error.map(std::slice::from_ref).unwrap_or_default());
    }

    /// Bytes of the instance's linear memory.
    pub fn memory(&self) -> usize {
        self.live.as_ref().map_or(0, |live| live.instance.memory())
    }

    /// One call, on the instance at hand or a fresh one. A failed instance is dropped.
    fn attempt(&mut self, columns: &[ArrayRef], rows: usize, timeout: Option<Duration>) -> Result<ScalarOutput> {
        let template = &self.template;
        if self.live.is_none() {
            self.live = Some(Live::new(template, template.fresh_instance()?)?);
            self.meter.made(true);
        }
        let Some(live) = &mut self.live else {
            return Err(Error::Bug("an instance that was just made is gone".into()));
        };
        live.instance.timed = self.meter.is_timing();
        if let Some(timeout) = timeout {
            live.instance.set_timeout(timeout);
        }
        let output = live.call(template, columns, rows, &mut self.scratch);
        self.meter.take(&mut live.instance);
        if timeout.is_some() {
            live.instance.set_timeout(template.limits.timeout);
        }
        let usable = matches!(output, Ok(_) | Err(Error::Guest { .. }));
        if !usable || template.has_outgrown(&live.instance, live.initial) {
            self.live = None;
        }
        output
    }

    /// Computes a batch in ranges of rows, the next one last; `cause` is why it failed as a whole, where it did.
    fn pieces(
        &mut self,
        columns: &[ArrayRef],
        mut ranges: Vec<(usize, usize)>,
        cause: Option<Error>,
    ) -> Result<ScalarOutput> {
        let template = self.template.clone();
        let mut probe = cause.as_ref().map_or(template.limits.timeout, |cause| template.probe_timeout(cause));
        let mut was_long = matches!(cause, Some(Error::Timeout { .. }));
        let mut longest = 1;
        let mut pieces = Vec::new();
        let mut errors = Vec::new();
        let mut timed_out = 0;
        while let Some((start, length)) = ranges.pop() {
            self.patience.check(&template)?;
            let piece: Vec<ArrayRef> = columns.iter().map(|column| column.slice(start, length)).collect();
            let timeout = if length == 1 { template.limits.timeout } else { probe };
            match self.attempt(&piece, length, Some(timeout)) {
                Ok(output) => {
                    errors.extend(
                        output.errors.into_iter().map(|error| RowError { row: error.row + start as u32, ..error }),
                    );
                    longest = longest.max(length);
                    pieces.push(output.array);
                }
                Err(error) if error.may_be_of_a_row() && length > 1 => {
                    if matches!(error, Error::Timeout { .. }) {
                        was_long = true;
                        probe = template.probe_timeout(&error);
                    }
                    ranges.push((start + length / 2, length - length / 2));
                    ranges.push((start, length / 2));
                }
                Err(error) if error.may_be_of_a_row() => {
                    if matches!(error, Error::Timeout { .. }) {
                        timed_out += 1;
                        if self.patience.is_out(timed_out, MAX_TIMED_OUT_ROWS) {
                            let remark = format!("{timed_out} rows of the batch so far");
                            return Err(error.with_row(start as u32).with_remark(&remark));
                        }
                    }
                    errors.push(RowError {
                        row: start as u32,
                        cause: RowErrorCause::of(&error),
                        message: error.row_message(),
                    });
                    pieces.push(new_null_array(template.result.data_type(), 1));
                }
                Err(error) => return Err(error),
            }
        }
        match was_long {
            true => self.pace.slow_down(longest),
            false => self.pace.keep_up(pieces.len()),
        }
        if let (true, Some(cause)) = (errors.is_empty(), &cause) {
            tracing::warn!(
                function = %template.name,
                rows = columns.first().map_or(0, |column| column.len()),
                %cause,
                "a call failed that no single row explains; its rows succeed in smaller calls"
            );
        }
        let pieces: Vec<&dyn Array> = pieces.iter().map(AsRef::as_ref).collect();
        let array = concat(&pieces).map_err(|error| Error::Bug(format!("cannot put pieces together: {error}")))?;
        Ok(ScalarOutput { array, errors })
    }
}

impl Live {
    fn new(template: &Template, (mut instance, handle): (Instance, u32)) -> Result<Self> {
        let call = instance.function(&template.package.exports.call)?;
        let initial = instance.memory();
        Ok(Live { instance, handle, call, called: false, initial })
    }

    fn call(
        &mut self,
        template: &Template,
        columns: &[ArrayRef],
        rows: usize,
        scratch: &mut Scratch,
    ) -> Result<ScalarOutput> {
        let handle = self.handle;
        self.called = true;
        let (called, kept) = with_columns(columns, scratch, |columns| {
            let called = self.instance.call(self.call, (handle, rows as u32, &columns));
            (called, columns.into_scratch())
        })
        .map_err(|reason| template.argument(reason))?;
        *scratch = kept;
        let (result,) = called?;
        let mut result = result.map_err(|message| template.guest_error(&self.instance, message))?;
        self.instance.redact_rows(&mut result.errors);
        finish(template, result, rows).map_err(|reason| template.bad_result(&mut self.instance, reason))
    }
}

/// What a call of one row gives that failed.
fn failed_row(template: &Template, error: &Error) -> ScalarOutput {
    let errors = vec![RowError { row: 0, cause: RowErrorCause::of(error), message: error.row_message() }];
    ScalarOutput { array: new_null_array(template.result.data_type(), 1), errors }
}

/// Checks a result and its row errors. Shared with `evaluate` of aggregates, whose rows are groups.
pub(crate) fn finish(template: &Template, result: ScalarResult, rows: usize) -> Result<ScalarOutput, String> {
    let mut errors = row_errors(result.errors, rows)?;
    let (array, mut faults) = decode(result.column, &template.result, rows)?;
    if !template.result.is_nullable()
        && let Some(nulls) = array.nulls()
    {
        let nulls = (0..rows).filter(|&row| nulls.is_null(row));
        faults.extend(nulls.map(|row| Fault { row, what: "is NULL, which its type forbids".to_string() }));
    }
    if !faults.is_empty() {
        // The guest's error of a row comes before what stands there.
        let of_result = |fault: Fault| {
            let message = format!("its result {}", fault.what);
            RowError { row: fault.row as u32, cause: RowErrorCause::Function, message }
        };
        errors.extend(faults.into_iter().map(of_result));
        errors.sort_by_key(|error| error.row);
        errors.dedup_by_key(|error| error.row);
    }
    let array = if errors.is_empty() { array } else { with_nulls_at(array, &errors) };
    Ok(ScalarOutput { array, errors })
}

/// The guest's row errors, ascending, each row once.
pub(crate) fn row_errors(errors: Vec<WireRowError>, rows: usize) -> Result<Vec<RowError>, String> {
    if errors.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(error) = errors.iter().find(|error| error.row as usize >= rows) {
        return Err(format!("it reports an error for row {} of {rows} rows", error.row));
    }
    let mut errors = errors;
    errors.sort_by_key(|error| error.row);
    errors.dedup_by_key(|error| error.row);
    let of_function = |error: WireRowError| {
        let message = text::message(error.message);
        RowError { row: error.row, cause: RowErrorCause::Function, message }
    };
    Ok(errors.into_iter().map(of_function).collect())
}

fn with_nulls_at(array: ArrayRef, errors: &[RowError]) -> ArrayRef {
    let mut valid = vec![true; array.len()];
    for error in errors {
        valid[error.row as usize] = false;
    }
    let valid = NullBuffer::new(BooleanBuffer::from(valid));
    let nulls = NullBuffer::union(array.nulls(), Some(&valid));
    let data = array.to_data().into_builder().nulls(nulls);
    // SAFETY: the array was valid, and a validity of its own length has been given more nulls.
    arrow::array::make_array(unsafe { data.build_unchecked() })
}
