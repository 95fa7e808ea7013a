//! DISTINCT: an aggregate of values that each count once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use datafusion::arrow::array::{ArrayRef, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{DataType, FieldRef};

use super::distinct_set::DistinctSet;
use crate::error::{Error, Result};
use crate::functions::component::RowError;
use crate::functions::{Accumulators, AggregateFunction};

/// `function` over each combination of arguments once per group.
pub fn distinct(function: Arc<dyn AggregateFunction>, argument_types: Vec<DataType>) -> Arc<dyn AggregateFunction> {
    match function.distinct(&argument_types) {
        Some(better) => better,
        None => Arc::new(Distinct { function, argument_types }),
    }
}

/// Passes on the rows whose arguments are new to their group, and takes them back with the last of them.
#[derive(Debug)]
struct Distinct {
    function: Arc<dyn AggregateFunction>,
    argument_types: Vec<DataType>,
}

impl AggregateFunction for Distinct {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn return_type(&self) -> DataType {
        self.function.return_type()
    }

    fn state_fields(&self) -> Vec<FieldRef> {
        let mut fields = vec![DistinctSet::state_field(&self.argument_types)];
        fields.extend(self.function.state_fields());
        fields
    }

    fn retracts(&self) -> bool {
        self.function.retracts()
    }

    /// The values of the one state that the other has not are accumulated. (A function that cannot merge may depend on
    /// the order of its values.)
    fn merges(&self) -> bool {
        self.function.merges()
    }

    fn is_deterministic(&self) -> bool {
        self.function.is_deterministic()
    }

    fn create(&self, append_only: bool) -> Result<Box<dyn Accumulators>> {
        let values = DistinctSet::new(self.argument_types.clone())?;
        Ok(Box::new(DistinctAccumulators { values, inner: self.function.create(append_only)?, passed: vec![] }))
    }
}

struct DistinctAccumulators {
    values: DistinctSet,
    inner: Box<dyn Accumulators>,
    /// The rows of the last call that were passed on.
    passed: Vec<u32>,
}

/// `rows` of groups and columns.
fn pick(groups: &[u32], columns: &[ArrayRef], rows: Vec<u32>) -> Result<(Vec<u32>, Vec<ArrayRef>)> {
    if rows.len() == groups.len() {
        return Ok((groups.to_vec(), columns.to_vec()));
    }
    let picked = rows.iter().map(|&row| groups[row as usize]).collect();
    let rows = UInt32Array::from(rows);
    let columns = columns.iter().map(|column| take(column, &rows, None)).collect::<Result<_, _>>()?;
    Ok((picked, columns))
}

impl Accumulators for DistinctAccumulators {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        let mut rows = Vec::new();
        self.values.accumulate(groups, columns, |row| rows.push(row as u32))?;
        self.passed.clone_from(&rows);
        let (groups, columns) = pick(groups, columns, rows)?;
        self.inner.accumulate(&groups, &columns)
    }

    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        let mut rows = Vec::new();
        self.values.retract(groups, columns, |row| rows.push(row as u32))?;
        self.passed.clone_from(&rows);
        let (groups, columns) = pick(groups, columns, rows)?;
        self.inner.retract(&groups, &columns)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let inner = &mut self.inner;
        self.values.merge(groups, state, |groups, columns, rows| {
            let (groups, columns) = pick(groups, columns, rows)?;
            inner.accumulate(&groups, &columns)
        })
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        self.inner.evaluate(groups)
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let mut state = vec![self.values.state(groups)?];
        state.extend(self.inner.state(groups)?);
        Ok(state)
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        let (values, inner) = state
            .split_at_checked(1)
            .ok_or_else(|| Error::state("the state of a DISTINCT aggregate has no columns"))?;
        self.values.remove(groups);
        self.values.merge(groups, values, |_, _, _| Ok(()))?;
        self.inner.restore(groups, inner)
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        self.values.remove(groups);
        self.inner.remove(groups)
    }

    fn take_failures(&mut self) -> Vec<RowError> {
        let failures = self.inner.take_failures().into_iter();
        failures.map(|error| RowError { row: self.passed[error.row as usize], ..error }).collect()
    }

    fn failed_group(&self) -> Option<usize> {
        self.inner.failed_group()
    }

    fn give_up_when(&mut self, cancelled: &Arc<AtomicBool>) {
        self.inner.give_up_when(cancelled);
    }

    fn size(&self) -> usize {
        self.values.size() + self.inner.size()
    }
}
