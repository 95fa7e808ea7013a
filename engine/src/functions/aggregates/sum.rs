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

fn is_decimal(sum_type: &DataType) -> bool {
    matches!(sum_type, DataType::Decimal128(..))
}

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
    /// How often the sum of a group has passed the ends of its 128 bits: upwards, less downwards. So a sum that grew too
    /// large is right again when values are taken back. Of decimals only; other numbers wrap around.
    overflows: Option<Vec<i64>>,
}

impl<T: ArrowPrimitiveType> SumAccumulators<T> {
    /// `sum_type` is `T`'s, with the precision and scale of a decimal.
    pub fn new(sum_type: DataType) -> Self {
        let overflows = is_decimal(&sum_type).then(Vec::new);
        SumAccumulators { sum_type, sums: vec![], counts: vec![], overflows }
    }

    pub fn state_fields(sum_type: &DataType) -> Vec<FieldRef> {
        let mut fields = vec![Arc::new(Field::new("sum", sum_type.clone(), true))];
        fields.push(Arc::new(Field::new("count", DataType::Int64, false)));
        if is_decimal(sum_type) {
            fields.push(Arc::new(Field::new("overflows", DataType::Int64, false)));
        }
        fields
    }

    pub fn sum_type(&self) -> &DataType {
        &self.sum_type
    }

    pub fn grow(&mut self, groups: &[u32]) {
        grow(&mut self.sums, groups, T::Native::ZERO);
        grow(&mut self.counts, groups, 0);
        if let Some(overflows) = &mut self.overflows {
            grow(overflows, groups, 0);
        }
    }

    /// The sum of the group is beyond its type.
    pub fn has_overflown(&self, group: u32) -> bool {
        self.overflows.as_ref().is_some_and(|overflows| overflows[group as usize] != 0)
    }

    /// Adds the values to the sums, and `count` to the number of values for each.
    fn add(&mut self, groups: &[u32], values: &PrimitiveArray<T>, count: i64) {
        let SumAccumulators { sums, counts, overflows, .. } = self;
        let Some(overflows) = overflows else {
            return for_each_valid(groups, values, |group, value| {
                sums[group] = sums[group].add_wrapping(value);
                counts[group] += count;
            });
        };
        for_each_valid(groups, values, |group, value| {
            if sums[group].add_checked(value).is_err() {
                overflows[group] += if value.is_lt(T::Native::ZERO) { -1 } else { 1 };
            }
            sums[group] = sums[group].add_wrapping(value);
            counts[group] += count;
        });
    }

    fn subtract(&mut self, groups: &[u32], values: &PrimitiveArray<T>) {
        let SumAccumulators { sums, counts, overflows, .. } = self;
        let Some(overflows) = overflows else {
            return for_each_valid(groups, values, |group, value| {
                sums[group] = sums[group].sub_wrapping(value);
                counts[group] -= 1;
            });
        };
        for_each_valid(groups, values, |group, value| {
            if sums[group].sub_checked(value).is_err() {
                overflows[group] -= if value.is_lt(T::Native::ZERO) { -1 } else { 1 };
            }
            sums[group] = sums[group].sub_wrapping(value);
            counts[group] -= 1;
        });
    }

    fn column(&self, groups: &[u32], nulls: Option<NullBuffer>) -> ArrayRef {
        let sums = groups.iter().map(|&group| self.sums[group as usize]).collect();
        Arc::new(PrimitiveArray::<T>::new(sums, nulls).with_data_type(self.sum_type.clone()))
    }
}

impl<T: ArrowPrimitiveType> Accumulators for SumAccumulators<T> {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.grow(groups);
        self.add(groups, primitive::<T>(columns, 0)?, 1);
        Ok(())
    }

    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        self.grow(groups);
        self.subtract(groups, primitive::<T>(columns, 0)?);
        Ok(())
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.grow(groups);
        self.add(groups, primitive::<T>(state, 0)?, 0);
        for_each_valid(groups, primitive::<Int64Type>(state, 1)?, |group, count| self.counts[group] += count);
        if let Some(overflows) = &mut self.overflows {
            for_each_valid(groups, primitive::<Int64Type>(state, 2)?, |group, more| overflows[group] += more);
        }
        Ok(())
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        self.grow(groups);
        let is_valid = |&group: &u32| self.counts[group as usize] != 0 && !self.has_overflown(group);
        let nulls: NullBuffer = groups.iter().map(is_valid).collect();
        let sums = self.column(groups, (nulls.null_count() > 0).then_some(nulls));
        if !is_decimal(&self.sum_type) {
            return Ok(sums);
        }
        let decimals = primitive::<Decimal128Type>(std::slice::from_ref(&sums), 0)?;
        let fits = |sum: i128| (-MAX_DECIMAL..=MAX_DECIMAL).contains(&sum).then_some(sum);
        Ok(Arc::new(decimals.unary_opt::<_, Decimal128Type>(fits).with_data_type(self.sum_type.clone())))
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        self.grow(groups);
        let of_groups = |numbers: &[i64]| -> ArrayRef {
            Arc::new(PrimitiveArray::<Int64Type>::from_iter_values(groups.iter().map(|&group| numbers[group as usize])))
        };
        let mut state = vec![self.column(groups, None), of_groups(&self.counts)];
        state.extend(self.overflows.as_deref().map(of_groups));
        Ok(state)
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
            if let Some(overflows) = &mut self.overflows {
                overflows[group as usize] = 0;
            }
        }
        Ok(())
    }

    fn size(&self) -> usize {
        let numbers = self.counts.capacity() + self.overflows.as_ref().map_or(0, Vec::capacity);
        self.sums.capacity() * size_of::<T::Native>() + numbers * size_of::<i64>()
    }
}
