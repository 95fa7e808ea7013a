//! VAR_POP, VAR_SAMP, STDDEV_POP, STDDEV_SAMP, by Welford's method (Welford 1962; merging as of Chan et al. 1979).

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type};

use super::{BuiltinAggregate, column, for_each_valid, grow, primitive};
use crate::error::Result;
use crate::functions::{Accumulators, AggregateFunction};

macro_rules! builtin {
    ($constant:ident, $name:literal, $root:literal, $sample:literal, $doc:literal) => {
        pub(super) const $constant: BuiltinAggregate = BuiltinAggregate {
            name: $name,
            signature: concat!($name, "(number)"),
            doc: $doc,
            resolve: |types| Variance::of($name, types, $root, $sample),
        };
    };
}

builtin!(
    VAR_POP,
    "VAR_POP",
    false,
    false,
    "The population variance of the values that are not NULL. Of the type of AVG."
);
builtin!(
    VAR_SAMP,
    "VAR_SAMP",
    false,
    true,
    "The sample variance of the values that are not NULL; NULL below two values. Of the type of AVG."
);
builtin!(VARIANCE, "VARIANCE", false, true, "The same as VAR_SAMP.");
builtin!(
    STDDEV_POP,
    "STDDEV_POP",
    true,
    false,
    "The population standard deviation of the values that are not NULL. Of the type of AVG."
);
builtin!(
    STDDEV_SAMP,
    "STDDEV_SAMP",
    true,
    true,
    "The sample standard deviation of the values that are not NULL; NULL below two values. Of the type of AVG."
);
builtin!(STDDEV, "STDDEV", true, true, "The same as STDDEV_SAMP.");

#[derive(Debug)]
struct Variance {
    name: &'static str,
    return_type: DataType,
    root: bool,
    sample: bool,
}

impl Variance {
    fn of(name: &'static str, types: &[DataType], root: bool, sample: bool) -> Option<Arc<dyn AggregateFunction>> {
        let return_type = match types {
            [number] if number.is_signed_integer() || matches!(number, DataType::Float32 | DataType::Float64) => {
                number.clone()
            }
            [DataType::Decimal128(_, scale)] => DataType::Decimal128(38, (*scale).max(6)),
            _ => return None,
        };
        Some(Arc::new(Variance { name, return_type, root, sample }))
    }
}

impl AggregateFunction for Variance {
    fn name(&self) -> &str {
        self.name
    }

    fn return_type(&self) -> DataType {
        self.return_type.clone()
    }

    fn state_fields(&self) -> Vec<FieldRef> {
        vec![
            Arc::new(Field::new("count", DataType::Int64, false)),
            Arc::new(Field::new("mean", DataType::Float64, false)),
            Arc::new(Field::new("squares", DataType::Float64, false)),
        ]
    }

    fn retracts(&self) -> bool {
        true
    }

    fn merges(&self) -> bool {
        true
    }

    fn create(&self, _append_only: bool) -> Result<Box<dyn Accumulators>> {
        let return_type = self.return_type.clone();
        Ok(Box::new(VarianceAccumulators { return_type, root: self.root, sample: self.sample, moments: vec![] }))
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: i64,
    mean: f64,
    /// Sum of the squares of the distances from the mean.
    squares: f64,
}

struct VarianceAccumulators {
    return_type: DataType,
    root: bool,
    sample: bool,
    moments: Vec<Moments>,
}

impl Accumulators for VarianceAccumulators {
    fn accumulate(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        grow(&mut self.moments, groups, Moments::default());
        let values = cast(column(columns, 0)?, &DataType::Float64)?;
        for_each_valid(groups, primitive::<Float64Type>(&[values], 0)?, |group, value| {
            let moments = &mut self.moments[group];
            moments.count += 1;
            let distance = value - moments.mean;
            moments.mean += distance / moments.count as f64;
            moments.squares += distance * (value - moments.mean);
        });
        Ok(())
    }

    fn retract(&mut self, groups: &[u32], columns: &[ArrayRef]) -> Result<()> {
        grow(&mut self.moments, groups, Moments::default());
        let values = cast(column(columns, 0)?, &DataType::Float64)?;
        for_each_valid(groups, primitive::<Float64Type>(&[values], 0)?, |group, value| {
            let moments = &mut self.moments[group];
            moments.count -= 1;
            if moments.count == 0 {
                *moments = Moments::default();
                return;
            }
            let distance = value - moments.mean;
            moments.mean -= distance / moments.count as f64;
            moments.squares -= distance * (value - moments.mean);
        });
        Ok(())
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        grow(&mut self.moments, groups, Moments::default());
        let counts = primitive::<Int64Type>(state, 0)?.values();
        let means = primitive::<Float64Type>(state, 1)?.values();
        let squares = primitive::<Float64Type>(state, 2)?.values();
        for (row, &group) in groups.iter().enumerate() {
            let other = Moments { count: counts[row], mean: means[row], squares: squares[row] };
            let moments = &mut self.moments[group as usize];
            let count = moments.count + other.count;
            if count == 0 || moments.count == 0 {
                *moments = other;
                continue;
            }
            let distance = other.mean - moments.mean;
            let share = other.count as f64 / count as f64;
            moments.squares += other.squares + distance * distance * moments.count as f64 * share;
            moments.mean += distance * share;
            moments.count = count;
        }
        Ok(())
    }

    fn evaluate(&mut self, groups: &[u32]) -> Result<ArrayRef> {
        grow(&mut self.moments, groups, Moments::default());
        let values = groups.iter().map(|&group| {
            let moments = &self.moments[group as usize];
            let divisor = moments.count - i64::from(self.sample);
            if moments.count == 0 || divisor == 0 {
                return None;
            }
            // Rounding may leave a trace below zero after retractions.
            let variance = (moments.squares / divisor as f64).max(0.0);
            Some(if self.root { variance.sqrt() } else { variance })
        });
        // As in Java, where a DOUBLE becomes an INT or BIGINT by the nearest value that there is, and a smaller integer by
        // the last bits of an INT.
        Ok(match &self.return_type {
            DataType::Int64 => Arc::new(values.map(|value| Some(value? as i64)).collect::<Int64Array>()),
            DataType::Int32 => Arc::new(values.map(|value| Some(value? as i32)).collect::<Int32Array>()),
            DataType::Int16 => Arc::new(values.map(|value| Some(value? as i32 as i16)).collect::<Int16Array>()),
            DataType::Int8 => Arc::new(values.map(|value| Some(value? as i32 as i8)).collect::<Int8Array>()),
            other => cast(&(Arc::new(values.collect::<Float64Array>()) as ArrayRef), other)?,
        })
    }

    fn state(&mut self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        grow(&mut self.moments, groups, Moments::default());
        let moments = || groups.iter().map(|&group| self.moments[group as usize]);
        Ok(vec![
            Arc::new(moments().map(|moments| moments.count).collect::<Int64Array>()),
            Arc::new(moments().map(|moments| moments.mean).collect::<Float64Array>()),
            Arc::new(moments().map(|moments| moments.squares).collect::<Float64Array>()),
        ])
    }

    fn restore(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        self.remove(groups)?;
        self.merge(groups, state)
    }

    fn remove(&mut self, groups: &[u32]) -> Result<()> {
        grow(&mut self.moments, groups, Moments::default());
        groups.iter().for_each(|&group| self.moments[group as usize] = Moments::default());
        Ok(())
    }

    fn size(&self) -> usize {
        self.moments.capacity() * size_of::<Moments>()
    }
}
