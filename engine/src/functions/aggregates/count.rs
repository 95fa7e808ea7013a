//! COUNT.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, Int64Array};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Int64Type};

use super::count_distinct::CountDistinct;
use super::{BuiltinAggregate, for_each_valid, grow, primitive};
use crate::error::Result;
use crate::functions::{Accumulators, AggregateFunction};

pub(super) const COUNT: BuiltinAggregate = BuiltinAggregate {
    name: "COUNT",
    signature: "COUNT(*) or COUNT([DISTINCT] value)",
    doc: "The number of rows, or of rows where the value is not NULL. BIGINT, 0 for no rows.",
    resolve: |types| (types.len() <= 1).then(|| Arc::new(Count) as _),
};

#[derive(Debug)]
struct Count;

impl AggregateFunction for Count {
    fn name(&self) -> &str {
        COUNT.name
    }

    fn return_type(&self) -> DataType {
        DataType::Int64
    }

    fn state_fields(&self) -> Vec<FieldRef> {
        vec![Arc::new(Field::new("count", DataType::Int64, false))]
    }

    fn retracts(&self) -> bool {
        true
    }

    fn merges(&self) -> bool {
        true
    }

    fn distinct(&self, argument_types: &[DataType]) -> Option<Arc<dyn AggregateFunction>> {
        let [argument] = argument_types else { return None };
        Some(Arc::new(CountDistinct::new(argument.clone())))
    }

    fn create(&self, _append_only: bool) -> Result<Box<dyn Accumulators>> {
        Ok(Box::new(CountAccumulators::default()))
    }
}

#[derive(Default)]
struct CountAccumulators {
    counts: Vec<i64>,
}

impl CountAccumulators {
    fn add(&mut self, groups: &[u32], columns: &[ArrayRef], one: i64) {
        grow(&mut self.counts, groups, 0);
        let nulls = columns.first().and_then(|column| column.logical_nulls()).filter(|nulls| nulls.null_count() > 0);
        match nulls {
            None => groups.iter().for_each(|&group| self.counts[group as usize] += one),
            Some(nulls) => {
                for (&group, valid) in groups.iter().zip(nulls.iter()) {
                    self.counts[group as usize] += if valid { one } else { 0 };
                }
            }
        }
    }
}

impl Accumulators for CountAccumulators {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.add(groups, columns, 1);
        Ok(())
    }

    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.add(groups, columns, -1);
        Ok(())
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        grow(&mut self.counts, groups, 0);
        for_each_valid(groups, primitive::<Int64Type>(state, 0)?, |group, count| self.counts[group] += count);
        Ok(())
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        grow(&mut self.counts, groups, 0);
        Ok(Arc::new(Int64Array::from_iter_values(groups.iter().map(|&group| self.counts[group as usize]))))
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(groups)?])
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        grow(&mut self.counts, groups, 0);
        for_each_valid(groups, primitive::<Int64Type>(state, 0)?, |group, count| self.counts[group] = count);
        Ok(())
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        grow(&mut self.counts, groups, 0);
        groups.iter().for_each(|&group| self.counts[group as usize] = 0);
        Ok(())
    }

    fn size(&self) -> usize {
        self.counts.capacity() * size_of::<i64>()
    }
}
