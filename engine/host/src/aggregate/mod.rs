//! Aggregate functions: the accumulators of many groups, in one instance.

mod journal;
mod live;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use arrow::array::{Array, ArrayRef, new_empty_array, new_null_array};
use arrow::compute::concat;

use crate::bound::{Patience, Template};
use crate::error::{Error, Result, RowError, RowErrorCause};
use crate::metrics::Meter;
use crate::pace::Pace;
use crate::scalar::ScalarOutput;
use crate::wire::lower::Scratch;

use journal::Journal;
use live::Live;

/// Groups whose state is moved by one call.
const GROUPS_PER_CALL: u32 = 16_384;
/// Bytes of state that the host may hold per byte of memory that the guest may have.
const STATE_PER_MEMORY: usize = 2;

/// What becomes of an aggregate when a row makes its instance trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnError {
    /// The instance is lost, and the aggregate with it; the error names the row where a fresh instance finds it.
    #[default]
    Fail,
    /// The row is left out and reported. The host keeps the last state and the calls since, within a bound, and
    /// rebuilds the accumulators without the row.
    Skip,
}

/// An instance of an aggregate function, for one subtask: the accumulators of all its groups.
///
/// Group ids are allotted by the caller, densely from 0, and may be used again after [`AggregateFunction::remove`]. A
/// group that was not seen, or was removed, is empty.
pub struct AggregateFunction {
    template: Arc<Template>,
    live: Option<Live>,
    scratch: Scratch,
    /// One more than the largest group id that was used.
    groups: u32,
    /// Memory past which the instance is replaced.
    recycle_at: usize,
    journal: Option<Journal>,
    meter: Meter,
    patience: Patience,
    pace: Pace,
    /// Some call has changed accumulators.
    changed: bool,
}

/// A change of accumulators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Accumulate,
    Retract,
    Merge,
    Restore,
}

impl std::fmt::Debug for AggregateFunction {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AggregateFunction")
            .field("template", &self.template)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

impl AggregateFunction {
    pub(crate) fn new(template: Arc<Template>, on_error: OnError) -> Result<Self> {
        let live = Live::new(&template, template.instance()?)?;
        let recycle_at = template.limits.recycle_memory;
        let journal = (on_error == OnError::Skip).then(Journal::default);
        let mut meter = template.metrics.meter();
        meter.made(false);
        Ok(AggregateFunction {
            template,
            meter,
            patience: Patience::default(),
            pace: Pace::default(),
            changed: false,
            live: Some(live),
            scratch: Scratch::default(),
            groups: 0,
            recycle_at,
            journal,
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

    /// Whether [`AggregateFunction::retract`] may be called.
    pub fn supports_retract(&self) -> bool {
        self.template.retracts
    }

    /// Whether [`AggregateFunction::merge`] may be called.
    pub fn supports_merge(&self) -> bool {
        self.template.merges
    }

    /// Adds rows: `groups` holds the group of each row, `columns` one column per argument, as long.
    ///
    /// A row whose error is returned has left its group as it was.
    pub fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<Vec<RowError>> {
        self.change(Change::Accumulate, groups, columns)
    }

    /// Takes rows back, as [`AggregateFunction::accumulate`] added them.
    pub fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<Vec<RowError>> {
        if !self.template.retracts {
            return Err(self.template.argument("it cannot take rows back".into()));
        }
        self.change(Change::Retract, groups, columns)
    }

    /// Adds a state (columns as from [`AggregateFunction::state`]) to each of the groups.
    pub fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<Vec<RowError>> {
        if !self.template.merges {
            return Err(self.template.argument("it cannot merge states".into()));
        }
        self.change(Change::Merge, groups, state)
    }

    /// Sets each of the groups to a state.
    pub fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.change(Change::Restore, groups, state).map(drop)
    }

    /// The value of each of the groups, which stay as they are. The rows of its errors are positions in `groups`.
    pub fn evaluate(&mut self, groups: &[u32]) -> Result<ScalarOutput> {
        if groups.is_empty() {
            let array = new_empty_array(self.template.result.data_type());
            return Ok(ScalarOutput { array, errors: Vec::new() });
        }
        self.see(groups);
        match self.evaluate_once(groups) {
            Err(error) if error.may_be_of_a_row() && self.journal.is_some() => self.evaluate_parts(groups, &error),
            other => other,
        }
    }

    /// The values of groups of which one failed: by halves, until it stands alone, and has none.
    fn evaluate_parts(&mut self, groups: &[u32], cause: &Error) -> Result<ScalarOutput> {
        self.patience.check(&self.template)?;
        self.rebuild()?;
        if groups.len() == 1 {
            let array = new_null_array(self.template.result.data_type(), 1);
            let errors = vec![RowError { row: 0, cause: RowErrorCause::of(cause), message: cause.row_message() }];
            return Ok(ScalarOutput { array, errors });
        }
        let (left, right) = groups.split_at(groups.len() / 2);
        let (one, other) = (self.evaluate(left)?, self.evaluate(right)?);
        let array = concat(&[one.array.as_ref(), other.array.as_ref()])
            .map_err(|error| Error::Bug(format!("cannot put pieces together: {error}")))?;
        let mut errors = one.errors;
        let moved = other.errors.into_iter().map(|error| RowError { row: error.row + left.len() as u32, ..error });
        errors.extend(moved);
        Ok(ScalarOutput { array, errors })
    }

    fn evaluate_once(&mut self, groups: &[u32]) -> Result<ScalarOutput> {
        let template = self.template.clone();
        self.meter.begin(groups.len());
        let timed = self.meter.is_timing();
        let live = self.live()?;
        live.instance.timed = timed;
        let output = live.evaluate(&template, groups);
        if let Some(live) = &mut self.live {
            self.meter.take(&mut live.instance);
        }
        self.meter.end(0, output.as_ref().map_or(&[], |output| &output.errors));
        self.keep(output)
    }

    /// The state of each of the groups, which stay as they are: one column per field of the bound function's state.
    pub fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        if groups.is_empty() {
            return Ok(self.template.state.iter().map(|field| new_empty_array(field.data_type())).collect());
        }
        self.see(groups);
        let template = self.template.clone();
        let state = self.live()?.state(&template, groups);
        self.keep(state)
    }

    /// Forgets groups, whose ids may then be used for others.
    pub fn remove(&mut self, groups: &[u32]) -> Result<()> {
        if groups.is_empty() {
            return Ok(());
        }
        let removed = self.live()?.remove(groups);
        self.keep(removed)?;
        if let Some(journal) = &mut self.journal {
            journal.push_remove(groups);
        }
        Ok(())
    }

    /// Bytes of the instance's linear memory.
    pub fn memory(&self) -> usize {
        self.live.as_ref().map_or(0, |live| live.instance.memory())
    }

    fn live(&mut self) -> Result<&mut Live> {
        self.live.as_mut().ok_or_else(|| Error::Poisoned { function: self.template.name.clone() })
    }

    /// Drops the instance where its call failed.
    fn keep<T>(&mut self, result: Result<T>) -> Result<T> {
        if !matches!(result, Ok(_) | Err(Error::Guest { .. } | Error::Argument { .. } | Error::Poisoned { .. })) {
            self.live = None;
        }
        result
    }

    fn see(&mut self, groups: &[u32]) {
        if !groups.is_empty() {
            self.groups = self.groups.max(highest(groups).saturating_add(1));
        }
    }

    fn change(&mut self, change: Change, groups: &[u32], columns: &[ArrayRef]) -> Result<Vec<RowError>> {
        let template = self.template.clone();
        let (what, fields) = match change {
            Change::Accumulate | Change::Retract => ("arguments", &template.arguments),
            Change::Merge | Change::Restore => ("columns of state", &template.state),
        };
        let adapted = template.adapt(what, fields, columns, groups.len())?;
        let columns = adapted.as_deref().unwrap_or(columns);
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        self.see(groups);
        self.meter.begin(groups.len());
        let changed = self.change_in_time(change, groups, columns);
        // States are no rows.
        let rows = if matches!(change, Change::Accumulate | Change::Retract) { groups.len() } else { 0 };
        self.meter.end(rows, changed.as_deref().unwrap_or_default());
        let errors = changed?;
        self.recycle_if_outgrown()?;
        self.shorten_journal()?;
        Ok(errors)
    }

    /// As many calls as the function has time for.
    fn change_in_time(&mut self, change: Change, groups: &[u32], columns: &[ArrayRef]) -> Result<Vec<RowError>> {
        if groups.len() <= self.pace.longest() {
            return self.change_at_once(change, groups, columns);
        }
        let mut errors = Vec::new();
        let mut start = 0;
        while start < groups.len() {
            self.patience.check(&self.template)?;
            let length = self.pace.longest().min(groups.len() - start);
            let piece: Vec<ArrayRef> = columns.iter().map(|column| column.slice(start, length)).collect();
            let found = self
                .change_at_once(change, &groups[start..start + length], &piece)
                .map_err(|error| error.shifted(start as u32))?;
            errors.extend(found.into_iter().map(|error| RowError { row: error.row + start as u32, ..error }));
            start += length;
        }
        Ok(errors)
    }

    fn change_at_once(&mut self, change: Change, groups: &[u32], columns: &[ArrayRef]) -> Result<Vec<RowError>> {
        match self.attempt(change, groups, columns) {
            Ok(errors) => {
                if !std::mem::replace(&mut self.changed, true) {
                    // All of the time again: what was learnt with less leaves some to spare.
                    let timeout = self.template.limits.timeout;
                    self.live()?.instance.set_timeout(timeout);
                }
                // Without a journal, more is not tried: if that were too much, all would be lost.
                if self.journal.is_some() {
                    self.pace.keep_up(1);
                }
                Ok(errors)
            }
            Err(error) if error.may_be_of_a_row() && self.journal.is_some() => {
                self.settle(change, groups, columns, error)
            }
            Err(error @ Error::Timeout { .. }) if !self.changed && groups.len() > 1 => {
                // Nothing is lost yet. What is learnt now has to do: some seven times the time is left to spare.
                let longest = groups.len() / 2;
                // A row by itself may take all of it.
                let timeout =
                    if longest > 1 { self.template.probe_timeout(&error) } else { self.template.limits.timeout };
                self.rebuild()?;
                self.live()?.instance.set_timeout(timeout);
                self.pace.slow_down(longest);
                let changed = self.change_in_time(change, groups, columns);
                if let Some(live) = &mut self.live {
                    live.instance.set_timeout(self.template.limits.timeout);
                }
                changed
            }
            Err(error) if error.may_be_of_a_row() => Err(self.blame(change, groups, columns, error)),
            other => other,
        }
    }

    /// One call; noted in the journal where it succeeds.
    fn attempt(&mut self, change: Change, groups: &[u32], columns: &[ArrayRef]) -> Result<Vec<RowError>> {
        let template = self.template.clone();
        let live = self.live.as_mut().ok_or_else(|| Error::Poisoned { function: template.name.clone() })?;
        live.instance.timed = self.meter.is_timing();
        let started = self.journal.is_some().then(Instant::now);
        let changed = live.change(&template, change, groups, columns, &mut self.scratch);
        self.meter.take(&mut live.instance);
        let errors = self.keep(changed)?;
        if let (Some(journal), Some(started)) = (&mut self.journal, started) {
            journal.push(change, groups, columns, started.elapsed());
        }
        Ok(errors)
    }

    /// Names the row of a failure that a fresh instance finds; the aggregate is lost all the same.
    fn blame(&mut self, change: Change, groups: &[u32], columns: &[ArrayRef], cause: Error) -> Error {
        let (mut start, mut length) = (0, groups.len());
        let unexplained = match cause {
            Error::Timeout { .. } => {
                "no single row explains it; fewer rows at once (SET 'execution.batch-size') take less time"
            }
            _ => "no single row explains it",
        };
        let mut error = match self.probe(change, groups, columns, start, length, &cause) {
            Some(error) => error,
            None => return cause.with_remark(unexplained),
        };
        while length > 1 {
            let half = length / 2;
            if let Some(found) = self.probe(change, groups, columns, start, half, &cause) {
                (length, error) = (half, found);
            } else if let Some(found) = self.probe(change, groups, columns, start + half, length - half, &cause) {
                (start, length, error) = (start + half, length - half, found);
            } else {
                return cause.with_remark(unexplained);
            }
        }
        error.with_row(start as u32)
    }

    /// Runs some of the rows on a fresh instance. Gives the error that may be of a row.
    fn probe(
        &mut self,
        change: Change,
        groups: &[u32],
        columns: &[ArrayRef],
        start: usize,
        length: usize,
        cause: &Error,
    ) -> Option<Error> {
        let template = self.template.clone();
        let run = |scratch: &mut Scratch| {
            let mut live = Live::new(&template, template.fresh_instance()?)?;
            if length > 1 {
                live.instance.set_timeout(template.probe_timeout(cause));
            }
            let piece: Vec<ArrayRef> = columns.iter().map(|column| column.slice(start, length)).collect();
            live.change(&template, change, &groups[start..start + length], &piece, scratch)
        };
        run(&mut self.scratch).err().filter(Error::may_be_of_a_row)
    }

    /// Applies a change that failed as a whole in pieces, on accumulators rebuilt after every failure.
    fn settle(&mut self, change: Change, groups: &[u32], columns: &[ArrayRef], cause: Error) -> Result<Vec<RowError>> {
        let mut errors = Vec::new();
        let mut timed_out = 0;
        let (mut longest, mut was_long) = (1, matches!(cause, Error::Timeout { .. }));
        let half = groups.len() / 2;
        let mut ranges = if groups.len() == 1 { vec![(0, 1)] } else { vec![(half, groups.len() - half), (0, half)] };
        self.rebuild()?;
        while let Some((start, length)) = ranges.pop() {
            self.patience.check(&self.template)?;
            let piece: Vec<ArrayRef> = columns.iter().map(|column| column.slice(start, length)).collect();
            let applied = self.attempt(change, &groups[start..start + length], &piece);
            match applied {
                Ok(found) => {
                    longest = longest.max(length);
                    errors.extend(found.into_iter().map(|error| RowError { row: error.row + start as u32, ..error }))
                }
                Err(error) if error.may_be_of_a_row() => {
                    self.rebuild()?;
                    if length > 1 {
                        was_long |= matches!(error, Error::Timeout { .. });
                        ranges.push((start + length / 2, length - length / 2));
                        ranges.push((start, length / 2));
                        continue;
                    }
                    if change == Change::Restore {
                        // A group without its state would silently be wrong.
                        return Err(error.with_row(start as u32));
                    }
                    timed_out += usize::from(matches!(error, Error::Timeout { .. }));
                    if self.patience.is_out(timed_out, 1) {
                        return Err(error.with_row(start as u32).with_remark("more than one row of the batch"));
                    }
                    errors.push(RowError {
                        row: start as u32,
                        cause: RowErrorCause::of(&error),
                        message: error.row_message(),
                    });
                }
                Err(error) => return Err(error),
            }
        }
        if was_long {
            self.pace.slow_down(longest);
        }
        if errors.is_empty() {
            tracing::warn!(
                function = %self.template.name,
                %cause,
                "a call failed that no single row explains; its rows succeed in smaller calls"
            );
        }
        Ok(errors)
    }

    /// Fresh accumulators, as they were after the last change that succeeded.
    fn rebuild(&mut self) -> Result<()> {
        let template = self.template.clone();
        let mut live = Live::new(&template, template.fresh_instance()?)?;
        self.meter.made(true);
        if let Some(journal) = &self.journal {
            journal.replay(&template, &mut live, &mut self.scratch)?;
        }
        self.live = Some(live);
        Ok(())
    }

    /// Replaces an instance that has grown past its mark by a fresh one with the same accumulators.
    fn recycle_if_outgrown(&mut self) -> Result<()> {
        let Some(live) = &self.live else { return Ok(()) };
        let worn = live.instance.is_worn(&self.template.limits);
        if !worn && live.instance.memory() <= self.recycle_at {
            return Ok(());
        }
        let before = live.instance.memory();
        let started = Instant::now();
        let state = self.all_state()?;
        let spent = started.elapsed();
        let template = self.template.clone();
        let mut fresh = Live::new(&template, template.fresh_instance()?)?;
        self.meter.made(true);
        restore_all(&template, &mut fresh, &state, &mut self.scratch)?;
        let after = fresh.instance.memory();
        if !worn {
            // Where the accumulators need the memory, recycling again soon would only cost time.
            self.recycle_at = template.limits.recycle_memory.max(after.saturating_mul(2));
        }
        tracing::debug!(function = %template.name, before, after, "an aggregate's instance was recycled");
        self.live = Some(fresh);
        if let Some(journal) = &mut self.journal {
            journal.restart(state, spent);
        }
        Ok(())
    }

    fn shorten_journal(&mut self) -> Result<()> {
        let timeout = self.template.limits.timeout;
        if self.journal.as_ref().is_some_and(|journal| journal.is_long(timeout)) {
            let started = Instant::now();
            let state = self.all_state()?;
            if let Some(journal) = &mut self.journal {
                journal.restart(state, started.elapsed());
            }
        }
        Ok(())
    }

    /// The state of every group, in pieces of consecutive groups from 0.
    fn all_state(&mut self) -> Result<Vec<Vec<ArrayRef>>> {
        let mut pieces = Vec::new();
        let (mut start, mut held) = (0, 0);
        while start < self.groups {
            let end = self.groups.min(start.saturating_add(GROUPS_PER_CALL));
            let ids: Vec<u32> = (start..end).collect();
            let piece = self.state(&ids)?;
            // More than the guest could have told apart in its memory: one text again and again, say.
            held += piece.iter().map(|column| column.get_buffer_memory_size()).sum::<usize>();
            let limit = self.template.limits.memory.saturating_mul(STATE_PER_MEMORY);
            if held > limit {
                return Err(Error::OutputTooLarge {
                    function: self.template.name.clone(),
                    row: None,
                    limit,
                    what: "bytes of state",
                    option: "memory",
                    words: Default::default(),
                });
            }
            pieces.push(piece);
            start = end;
        }
        Ok(pieces)
    }
}

/// Restores what `all_state` gave.
pub(crate) fn restore_all(
    template: &Template,
    live: &mut Live,
    pieces: &[Vec<ArrayRef>],
    scratch: &mut Scratch,
) -> Result<()> {
    let mut start = 0u32;
    for piece in pieces {
        let Some(length) = piece.first().map(|column| column.len() as u32) else {
            continue;
        };
        let ids: Vec<u32> = (start..start + length).collect();
        live.change(template, Change::Restore, &ids, piece, scratch)?;
        start += length;
    }
    Ok(())
}

/// The highest of the ids; 0 where there are none.
fn highest(groups: &[u32]) -> u32 {
    /// Compiled for what all processors have, vectors of four with a detour for the comparison; below, of eight.
    #[inline(always)]
    fn fold(groups: &[u32]) -> u32 {
        groups.iter().copied().fold(0, u32::max)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn fold_avx2(groups: &[u32]) -> u32 {
        fold(groups)
    }

    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has it.
        return unsafe { fold_avx2(groups) };
    }
    fold(groups)
}
