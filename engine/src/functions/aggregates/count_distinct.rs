//! COUNT(DISTINCT value).

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array};
use datafusion::arrow::datatypes::{DataType, FieldRef};

use super::distinct_set::DistinctSet;
use crate::error::Result;
use crate::functions::{Accumulators, AggregateFunction};

/// The number of distinct values, which the set of them knows by itself.
#[derive(Debug)]
pub(super) struct CountDistinct {
    argument: DataType,
}

impl CountDistinct {
    pub fn new(argument: DataType) -> Self {
        CountDistinct { argument }
    }
}

impl AggregateFunction for CountDistinct {
    fn name(&self) -> &str {
        "COUNT"
    }

    fn return_type(&self) -> DataType {
        DataType::Int64
    }

    fn state_fields(&self) -> Vec<FieldRef> {
        vec![DistinctSet::state_field(std::slice::from_ref(&self.argument))]
    }

    fn retracts(&self) -> bool {
        true
    }

    fn merges(&self) -> bool {
        true
    }

    fn create(&self, _append_only: bool) -> Result<Box<dyn Accumulators>> {
        Ok(Box::new(CountDistinctAccumulators { values: DistinctSet::new(vec![self.argument.clone()])? }))
    }
}

struct CountDistinctAccumulators {
    values: DistinctSet,
}

impl Accumulators for CountDistinctAccumulators {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.values.accumulate(groups, columns, |_| ())
    }

    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.values.retract(groups, columns, |_| ())
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.values.merge(groups, state, |_, _, _| Ok(()))
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        Ok(Arc::new(Int64Array::from_iter_values(groups.iter().map(|&group| self.values.count(group)))))
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.values.state(groups)?])
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.values.remove(groups);
        self.values.merge(groups, state, |_, _, _| Ok(()))
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        self.values.remove(groups);
        Ok(())
    }

    fn size(&self) -> usize {
        self.values.size()
    }
}
