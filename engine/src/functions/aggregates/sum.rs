//! SUM.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, PrimitiveArray};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Field, FieldRef, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};

use super::{BuiltinAggregate, for_each_valid, grow, primitive};
use crate::error::Result;
use crate::functions::{Accumulators, AggregateFunction};

pub(super) const SUM: BuiltinAggregate = BuiltinAggregate {
    name: "SUM",
    signature: "SUM([DISTINCT] number)",
    doc: "The sum of the values that are not NULL; NULL if there are none. Its type is that of the values, of a \
          DECIMAL(p, s) it is DECIMAL(38, s). Integers wrap around at their limits, as in Flink; a decimal that needs \
          more than 38 digits is NULL.",
    resolve: |types| {
        Some(match types {
            [DataType::Int8] => Sum::<Int8Type>::of(DataType::Int8),
            [DataType::Int16] => Sum::<Int16Type>::of(DataType::Int16),
            [DataType::Int32] => Sum::<Int32Type>::of(DataType::Int32),
            [DataType::Int64] => Sum::<Int64Type>::of(DataType::Int64),
            [DataType::Float32] => Sum::<Float32Type>::of(DataType::Float32),
            [DataType::Float64] => Sum::<Float64Type>::of(DataType::Float64),
            [DataType::Decimal128(_, scale)] => Sum::<Decimal128Type>::of(DataType::Decimal128(38, *scale)),
            _ => return None,
        })
    },
};

/// The highest number of 38 digits.
pub(super) const MAX_DECIMAL: i128 = 10i128.pow(38) - 1;

#[derive(Debug)]
struct Sum<T> {
    return_type: DataType,
    native: PhantomData<fn(T)>,
}

impl<T: ArrowPrimitiveType + Debug> Sum<T> {
    fn of(return_type: DataType) -> Arc<dyn AggregateFunction> {
        Arc::new(Sum::<T> { return_type, native: PhantomData })
    }
}

impl<T: ArrowPrimitiveType + Debug> AggregateFunction for Sum<T> {
    fn name(&self) -> &str {
        SUM.name
    }

    fn return_type(&self) -> DataType {
        self.return_type.clone()
    }

    fn state_fields(&self) -> Vec<FieldRef> {
        SumAccumulators::<T>::state_fields(&self.return_type)
    }

    fn retracts(&self) -> bool {
        true
    }

    fn merges(&self) -> bool {
        true
    }

    fn create(&self, _append_only: bool) -> Result<Box<dyn Accumulators>> {
        Ok(Box::new(SumAccumulators::<T>::new(self.return_type.clone())))
    }
}

/// Sums and the numbers of their values.
pub(super) struct SumAccumulators<T: ArrowPrimitiveType> {
    sum_type: DataType,
    pub sums: Vec<T::Native>,
    pub counts: Vec<i64>,
}

impl<T: ArrowPrimitiveType> SumAccumulators<T> {
    /// `sum_type` is `T`'s, with the precision and scale of a decimal.
    pub fn new(sum_type: DataType) -> Self {
        SumAccumulators { sum_type, sums: vec![], counts: vec![] }
    }

    pub fn state_fields(sum_type: &DataType) -> Vec<FieldRef> {
        vec![Arc::new(Field::new("sum", sum_type.clone(), true)), Arc::new(Field::new("count", DataType::Int64, false))]
    }

    pub fn sum_type(&self) -> &DataType {
        &self.sum_type
    }

    pub fn grow(&mut self, groups: &[u32]) {
        grow(&mut self.sums, groups, T::Native::ZERO);
        grow(&mut self.counts, groups, 0);
    }

    fn column(&self, groups: &[u32], nulls: Option<NullBuffer>) -> ArrayRef {
        let sums = groups.iter().map(|&group| self.sums[group as usize]).collect();
        Arc::new(PrimitiveArray::<T>::new(sums, nulls).with_data_type(self.sum_type.clone()))
    }
}

impl<T: ArrowPrimitiveType> Accumulators for SumAccumulators<T> {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.grow(groups);
        for_each_valid(groups, primitive::<T>(columns, 0)?, |group, value| {
            self.sums[group] = self.sums[group].add_wrapping(value);
            self.counts[group] += 1;
        });
        Ok(())
    }

    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.grow(groups);
        for_each_valid(groups, primitive::<T>(columns, 0)?, |group, value| {
            self.sums[group] = self.sums[group].sub_wrapping(value);
            self.counts[group] -= 1;
        });
        Ok(())
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.grow(groups);
        for_each_valid(groups, primitive::<T>(state, 0)?, |group, sum| {
            self.sums[group] = self.sums[group].add_wrapping(sum);
        });
        for_each_valid(groups, primitive::<Int64Type>(state, 1)?, |group, count| self.counts[group] += count);
        Ok(())
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        self.grow(groups);
        let nulls: NullBuffer = groups.iter().map(|&group| self.counts[group as usize] != 0).collect();
        let sums = self.column(groups, (nulls.null_count() > 0).then_some(nulls));
        if !matches!(self.sum_type, DataType::Decimal128(..)) {
            return Ok(sums);
        }
        let decimals = primitive::<Decimal128Type>(std::slice::from_ref(&sums), 0)?;
        let fits = |sum: i128| (-MAX_DECIMAL..=MAX_DECIMAL).contains(&sum).then_some(sum);
        Ok(Arc::new(decimals.unary_opt::<_, Decimal128Type>(fits).with_data_type(self.sum_type.clone())))
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        self.grow(groups);
        let counts = groups.iter().map(|&group| self.counts[group as usize]);
        Ok(vec![self.column(groups, None), Arc::new(PrimitiveArray::<Int64Type>::from_iter_values(counts))])
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.remove(groups)?;
        self.merge(groups, state)
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        self.grow(groups);
        for &group in groups {
            self.sums[group as usize] = T::Native::ZERO;
            self.counts[group as usize] = 0;
        }
        Ok(())
    }

    fn size(&self) -> usize {
        self.sums.capacity() * size_of::<T::Native>() + self.counts.capacity() * size_of::<i64>()
    }
}
