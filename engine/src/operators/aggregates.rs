//! The accumulators of all aggregates of an operator, side by side.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt32Array};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{Field, FieldRef, SchemaRef};

use super::AggregateCall;
use crate::error::{Error, Result};
use crate::functions::{Accumulators, AggregateFunction};

/// See the module. Groups are the slots of a [`crate::state::KeyIndex`].
pub(super) struct Aggregates {
    running: Vec<Running>,
}

struct Running {
    call: AggregateCall,
    function: Arc<dyn AggregateFunction>,
    accumulators: Box<dyn Accumulators>,
}

impl Aggregates {
    /// # Errors
    /// A bug where an aggregate cannot retract and may have to: the planner refuses that.
    pub fn new(calls: &[AggregateCall], input: &SchemaRef, input_retracts: bool) -> Result<Self> {
        let running = calls
            .iter()
            .map(|call| {
                let function = call.resolve(input)?;
                if input_retracts && !function.retracts() {
                    return Err(Error::bug(format!("{} cannot retract, but its input does", function.name())));
                }
                Ok(Running { call: call.clone(), accumulators: function.create(!input_retracts)?, function })
            })
            .collect::<Result<_>>()?;
        Ok(Aggregates { running })
    }

    /// All aggregates can merge states.
    pub fn can_merge(&self) -> bool {
        self.running.iter().all(|running| running.function.merges())
    }

    /// Takes rows in, or back where `retractions` is true: first all that come, then all that go, since what goes may
    /// have come with the same batch. `groups` has one group per row.
    pub fn update(&mut self, groups: &[u32], rows: &RecordBatch, retractions: Option<&BooleanArray>) -> Result<()> {
        let retractions = retractions.filter(|retractions| retractions.has_true());
        for running in &mut self.running {
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
                None => running.accumulators.accumulate(groups, &arguments)?,
                Some(mask) => {
                    let (groups, arguments) = pick(groups, &arguments, &mask)?;
                    if !groups.is_empty() {
                        running.accumulators.accumulate(&groups, &arguments)?;
                    }
                }
            }
            if let Some(mask) = going {
                let (groups, arguments) = pick(groups, &arguments, &mask)?;
                if !groups.is_empty() {
                    running.accumulators.retract(&groups, &arguments)?;
                }
            }
        }
        Ok(())
    }

    /// A column per aggregate.
    pub fn evaluate(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        self.running.iter_mut().map(|running| running.accumulators.evaluate(groups)).collect()
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
