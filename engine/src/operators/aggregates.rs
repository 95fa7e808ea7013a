//! The accumulators of all aggregates of an operator, side by side.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{Field, FieldRef, SchemaRef};

use super::dead_letter::push_dead_letters;
use super::{AggregateCall, OperatorMetrics, Output, Timestamp};
use crate::changelog::ChangelogBatch;
use crate::error::{Error, Result};
use crate::functions::component::{RowError, show_row};
use crate::functions::{Accumulators, AggregateFunction};
use crate::state::KeyIndex;

/// See the module. Groups are the slots of a [`crate::state::KeyIndex`].
pub(super) struct Aggregates {
    running: Vec<Running>,
}

struct Running {
    call: AggregateCall,
    function: Arc<dyn AggregateFunction>,
    accumulators: Box<dyn Accumulators>,
}

/// A row that an aggregate has left out, since its function failed on it.
pub(super) struct Failure {
    /// Which of the aggregates.
    call: usize,
    /// Its `row` is that of the rows that came.
    error: RowError,
}

impl Failure {
    /// The same row under its number in a larger batch.
    pub fn at(mut self, rows: &[u32]) -> Self {
        self.error.row = rows[self.error.row as usize];
        self
    }
}

impl Aggregates {
    /// # Errors
    /// A bug where an aggregate cannot retract and may have to: the planner refuses that.
    pub fn new(
        calls: &[AggregateCall],
        input: &SchemaRef,
        input_retracts: bool,
        cancelled: &Arc<AtomicBool>,
    ) -> Result<Self> {
        let running = calls
            .iter()
            .map(|call| {
                let function = call.resolve(input)?;
                if input_retracts && !function.retracts() {
                    return Err(Error::bug(format!("{} cannot retract, but its input does", function.name())));
                }
                let mut accumulators = function.create(!input_retracts)?;
                accumulators.give_up_when(cancelled);
                Ok(Running { call: call.clone(), accumulators, function })
            })
            .collect::<Result<_>>()?;
        Ok(Aggregates { running })
    }

    /// All aggregates can merge states.
    pub fn can_merge(&self) -> bool {
        self.running.iter().all(|running| running.function.merges())
    }

    /// Takes rows in, or back where `retractions` is true: first all that come, then all that go, since what goes may
    /// have come with the same batch. `groups` has one group per row. Gives the rows that were left out.
    pub fn update(
        &mut self,
        groups: &[u32],
        rows: &RecordBatch,
        retractions: Option<&BooleanArray>,
    ) -> Result<Vec<Failure>> {
        let mut failures = Vec::new();
        let retractions = retractions.filter(|retractions| retractions.has_true());
        for (call, running) in self.running.iter_mut().enumerate() {
            let filter = match running.call.filter {
                None => None,
                Some(index) => {
                    let filter = rows.column(index).as_boolean_opt();
                    let filter = filter.ok_or_else(|| Error::bug("the column of a FILTER is not boolean"))?;
                    Some(match filter.nulls() {
                        None => filter.values().clone(),
                        Some(nulls) => filter.values() & nulls.inner(),
                    })
                }
            };
            let arguments: Vec<ArrayRef> =
                running.call.arguments.iter().map(|&index| rows.column(index).clone()).collect();
            let and = |mask: BooleanBuffer| filter.as_ref().map_or(mask.clone(), |filter| filter & &mask);
            let (coming, going) = match retractions {
                None => (filter, None),
                Some(retractions) => (Some(and(!retractions.values())), Some(and(retractions.values().clone()))),
            };
            match coming {
                None => {
                    running.accumulators.accumulate(groups, &arguments)?;
                    running.take_failures(call, None, &mut failures);
                }
                Some(mask) => {
                    let (groups, arguments) = pick(groups, &arguments, &mask)?;
                    if !groups.is_empty() {
                        running.accumulators.accumulate(&groups, &arguments)?;
                        running.take_failures(call, Some(&mask), &mut failures);
                    }
                }
            }
            if let Some(mask) = going {
                let (groups, arguments) = pick(groups, &arguments, &mask)?;
                if !groups.is_empty() {
                    running.accumulators.retract(&groups, &arguments)?;
                    running.take_failures(call, Some(&mask), &mut failures);
                }
            }
        }
        Ok(failures)
    }

    /// Counts the rows of a batch that were left out, and sends them where their functions say. A row that was left out
    /// of several groups counts once.
    pub fn settle(
        &self,
        mut failures: Vec<Failure>,
        batch: &ChangelogBatch,
        metrics: &OperatorMetrics,
        now: Timestamp,
        out: &mut Output,
    ) -> Result<()> {
        if failures.is_empty() {
            return Ok(());
        }
        failures.sort_by_key(|failure| (failure.call, failure.error.row));
        failures.dedup_by_key(|failure| (failure.call, failure.error.row));
        OperatorMetrics::add(&metrics.function_errors, failures.len());
        for failed in failures.chunk_by(|one, next| one.call == next.call) {
            let call = &self.running[failed[0].call].call;
            let Some(function) = call.function.component() else { continue };
            let arguments: Vec<ArrayRef> =
                call.arguments.iter().map(|&index| batch.rows().column(index).clone()).collect();
            let errors: Vec<RowError> = failed.iter().map(|failure| failure.error.clone()).collect();
            let rows: Vec<u32> = errors.iter().map(|error| error.row).collect();
            push_dead_letters(function, &errors, &arguments, batch, &rows, now, out)?;
        }
        Ok(())
    }

    /// A column per aggregate. An error that is one group's names its key, of those that the slots stand for.
    pub fn evaluate(&mut self, groups: &[u32], keys: &KeyIndex) -> Result<Vec<ArrayRef>> {
        let values = |running: &mut Running| {
            running.accumulators.evaluate(groups).map_err(|error| {
                let slot = running.accumulators.failed_group().and_then(|group| groups.get(group));
                match slot.map(|&slot| keys.keys(&[slot])) {
                    Some(Ok(key)) if !key.is_empty() => error.context(format!("whose key is {}", show_row(&key, 0))),
                    _ => error,
                }
            })
        };
        self.running.iter_mut().map(values).collect()
    }

    /// Adds the states of groups `from` to groups `to`.
    pub fn add(&mut self, to: &[u32], from: &[u32]) -> Result<()> {
        for running in &mut self.running {
            let state = running.accumulators.state(from)?;
            running.accumulators.merge(to, &state)?;
        }
        Ok(())
    }

    pub fn remove(&mut self, groups: &[u32]) -> Result<()> {
        self.running.iter_mut().try_for_each(|running| running.accumulators.remove(groups))
    }

    /// The fields of [`Aggregates::state`]: `aggregate0_sum`.
    pub fn state_fields(&self) -> Vec<FieldRef> {
        let fields_of = |(index, running): (usize, &Running)| {
            let fields = running.function.state_fields().into_iter();
            fields
                .map(|field| {
                    let name = format!("aggregate{index}_{}", field.name());
                    // States of groups that saw nothing may be NULL, whatever the function says.
                    Arc::new(Field::new(name, field.data_type().clone(), true))
                })
                .collect::<Vec<_>>()
        };
        self.running.iter().enumerate().flat_map(fields_of).collect()
    }

    pub fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let mut columns = Vec::new();
        for running in &mut self.running {
            columns.extend(running.accumulators.state(groups)?);
        }
        Ok(columns)
    }

    /// # Errors
    /// State errors where the columns are not as many as the functions' states have.
    pub fn restore(&mut self, groups: &[u32], mut state: &[ArrayRef]) -> Result<()> {
        for running in &mut self.running {
            let (own, rest) = state
                .split_at_checked(running.function.state_fields().len())
                .ok_or_else(|| Error::state(format!("the state of {} is incomplete", running.function.name())))?;
            running.accumulators.restore(groups, own)?;
            state = rest;
        }
        Ok(())
    }
}

impl Running {
    /// `mask`: the rows that the last call was for.
    fn take_failures(&mut self, call: usize, mask: Option<&BooleanBuffer>, failures: &mut Vec<Failure>) {
        let failed = self.accumulators.take_failures();
        if failed.is_empty() {
            return;
        }
        let failed = failed.into_iter().map(|error| Failure { call, error });
        match mask {
            None => failures.extend(failed),
            Some(mask) => {
                let rows: Vec<u32> = mask.set_indices().map(|row| row as u32).collect();
                failures.extend(failed.map(|failure| failure.at(&rows)));
            }
        }
    }
}

fn pick(groups: &[u32], columns: &[ArrayRef], mask: &BooleanBuffer) -> Result<(Vec<u32>, Vec<ArrayRef>)> {
    if mask.count_set_bits() == groups.len() {
        return Ok((groups.to_vec(), columns.to_vec()));
    }
    let rows: Vec<u32> = mask.set_indices().map(|row| row as u32).collect();
    let picked = rows.iter().map(|&row| groups[row as usize]).collect();
    let rows = UInt32Array::from(rows);
    let columns = columns.iter().map(|column| take(column, &rows, None)).collect::<Result<_, _>>()?;
    Ok((picked, columns))
}
