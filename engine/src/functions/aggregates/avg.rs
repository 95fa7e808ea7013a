//! AVG.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Decimal128Array, Float64Array, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Decimal128Type, FieldRef, Float64Type, Int64Type};

use super::sum::{MAX_DECIMAL, SumAccumulators};
use super::{BuiltinAggregate, column};
use crate::error::Result;
use crate::functions::{Accumulators, AggregateFunction};

pub(super) const AVG: BuiltinAggregate = BuiltinAggregate {
    name: "AVG",
    signature: "AVG([DISTINCT] number)",
    doc: "The mean of the values that are not NULL; NULL if there are none. Its type is that of the values: of integers \
          it is cut to an integer; of a DECIMAL(p, s) it is DECIMAL(38, max(s, 6)), rounded half up.",
    resolve: |types| {
        let (return_type, sum_type) = match types {
            [integer] if integer.is_signed_integer() => (integer.clone(), DataType::Int64),
            [float @ (DataType::Float32 | DataType::Float64)] => (float.clone(), DataType::Float64),
            [DataType::Decimal128(_, scale)] => {
                (DataType::Decimal128(38, (*scale).max(6)), DataType::Decimal128(38, *scale))
            }
            _ => return None,
        };
        Some(Arc::new(Avg { return_type, sum_type }))
    },
};

#[derive(Debug)]
struct Avg {
    return_type: DataType,
    /// Type in which values are added up: wide enough not to overflow.
    sum_type: DataType,
}

impl AggregateFunction for Avg {
    fn name(&self) -> &str {
        AVG.name
    }

    fn return_type(&self) -> DataType {
        self.return_type.clone()
    }

    fn state_fields(&self) -> Vec<FieldRef> {
        SumAccumulators::<Int64Type>::state_fields(&self.sum_type)
    }

    fn retracts(&self) -> bool {
        true
    }

    fn merges(&self) -> bool {
        true
    }

    fn create(&self, _append_only: bool) -> Result<Box<dyn Accumulators>> {
        let (return_type, sum_type) = (self.return_type.clone(), self.sum_type.clone());
        Ok(match self.sum_type {
            DataType::Int64 => {
                let sums = SumAccumulators::<Int64Type>::new(sum_type.clone());
                Box::new(AvgAccumulators { sums, return_type, sum_type, divide: divide_integers })
            }
            DataType::Float64 => {
                let sums = SumAccumulators::<Float64Type>::new(sum_type.clone());
                Box::new(AvgAccumulators { sums, return_type, sum_type, divide: divide_floats })
            }
            _ => {
                let sums = SumAccumulators::<Decimal128Type>::new(sum_type.clone());
                Box::new(AvgAccumulators { sums, return_type, sum_type, divide: divide_decimals })
            }
        })
    }
}

/// Sums, divided in the end.
struct AvgAccumulators<S> {
    sums: S,
    return_type: DataType,
    sum_type: DataType,
    divide: fn(&S, &[u32], &DataType) -> Result<ArrayRef>,
}

fn divide_integers(sums: &SumAccumulators<Int64Type>, groups: &[u32], _: &DataType) -> Result<ArrayRef> {
    let mean = |&group: &u32| sums.sums[group as usize].checked_div(sums.counts[group as usize]);
    Ok(Arc::new(groups.iter().map(mean).collect::<Int64Array>()))
}

fn divide_floats(sums: &SumAccumulators<Float64Type>, groups: &[u32], _: &DataType) -> Result<ArrayRef> {
    let mean = |&group: &u32| {
        let count = sums.counts[group as usize];
        (count != 0).then(|| sums.sums[group as usize] / count as f64)
    };
    Ok(Arc::new(groups.iter().map(mean).collect::<Float64Array>()))
}

fn divide_decimals(sums: &SumAccumulators<Decimal128Type>, groups: &[u32], return_type: &DataType) -> Result<ArrayRef> {
    let factor = match (return_type, sums.sum_type()) {
        (DataType::Decimal128(_, to), DataType::Decimal128(_, from)) => 10i128.pow((to - from).max(0) as u32),
        _ => 1,
    };
    let mean = |&group: &u32| {
        if sums.has_overflown(group) {
            return None;
        }
        let count = i128::from(sums.counts[group as usize]);
        let sum = sums.sums[group as usize].checked_mul(factor)?;
        let (mean, rest) = (sum.checked_div(count)?, sum.checked_rem(count)?);
        let up = i128::from(rest.unsigned_abs() * 2 >= count.unsigned_abs());
        Some(mean + if (sum < 0) == (count < 0) { up } else { -up }).filter(|mean| mean.abs() <= MAX_DECIMAL)
    };
    Ok(Arc::new(groups.iter().map(mean).collect::<Decimal128Array>().with_data_type(return_type.clone())))
}

impl<S: Accumulators + Grow> AvgAccumulators<S> {
    /// The values in the type of the sums.
    fn widen(&self, columns: &[ArrayRef]) -> Result<[ArrayRef; 1]> {
        let values = column(columns, 0)?;
        if let DataType::Decimal128(..) = self.sum_type {
            return Ok([values.clone()]);
        }
        Ok([cast(values, &self.sum_type)?])
    }
}

/// Makes room for groups that were never seen.
trait Grow {
    fn make_room(&mut self, groups: &[u32]);
}

impl<T: datafusion::arrow::array::ArrowPrimitiveType> Grow for SumAccumulators<T> {
    fn make_room(&mut self, groups: &[u32]) {
        self.grow(groups);
    }
}

impl<S: Accumulators + Grow> Accumulators for AvgAccumulators<S> {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        let columns = self.widen(columns)?;
        self.sums.accumulate(groups, &columns)
    }

    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        let columns = self.widen(columns)?;
        self.sums.retract(groups, &columns)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.sums.merge(groups, state)
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        self.sums.make_room(groups);
        let means = (self.divide)(&self.sums, groups, &self.return_type)?;
        Ok(if *means.data_type() == self.return_type { means } else { cast(&means, &self.return_type)? })
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        self.sums.state(groups)
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.sums.restore(groups, state)
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        self.sums.remove(groups)
    }

    fn size(&self) -> usize {
        self.sums.size()
    }
}
