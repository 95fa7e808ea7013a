//! The built-in aggregate functions, a file each, and DISTINCT around any of them. Types and results are Flink's.

mod arrival;
mod avg;
mod count;
mod count_distinct;
mod distinct;
mod distinct_set;
mod first_last;
mod listagg;
mod min_max;
mod sum;
mod variance;

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::DataType;

pub use distinct::distinct;
pub(in crate::functions) use distinct_set::DistinctSet;

use super::AggregateFunction;
use crate::error::{Error, Result};
use crate::types::sql_type;

/// A built-in aggregate function, for look-ups and for the reference page.
#[derive(Debug)]
pub struct BuiltinAggregate {
    /// In upper case.
    pub name: &'static str,
    /// `SUM(number)`.
    pub signature: &'static str,
    /// One sentence first; Markdown.
    pub doc: &'static str,
    resolve: fn(&[DataType]) -> Option<Arc<dyn AggregateFunction>>,
}

/// All of them.
pub const BUILTINS: &[&BuiltinAggregate] = &[
    &count::COUNT,
    &sum::SUM,
    &avg::AVG,
    &min_max::MIN,
    &min_max::MAX,
    &first_last::FIRST_VALUE,
    &first_last::LAST_VALUE,
    &listagg::LISTAGG,
    &variance::STDDEV_POP,
    &variance::STDDEV_SAMP,
    &variance::STDDEV,
    &variance::VAR_POP,
    &variance::VAR_SAMP,
    &variance::VARIANCE,
];

impl BuiltinAggregate {
    /// The function of arguments of these types.
    ///
    /// # Errors
    /// User errors for types that it does not take.
    pub fn resolve(&self, argument_types: &[DataType]) -> Result<Arc<dyn AggregateFunction>> {
        (self.resolve)(argument_types).ok_or_else(|| {
            let types = argument_types.iter().map(sql_type).collect::<Vec<_>>().join(", ");
            Error::user(format!("{} does not take arguments of type ({types})", self.name))
                .hint(format!("its signature is {}", self.signature))
        })
    }
}

/// The built-in function of a name, in any case.
pub fn find(name: &str) -> Option<&'static BuiltinAggregate> {
    BUILTINS.iter().find(|builtin| builtin.name.eq_ignore_ascii_case(name)).copied()
}

/// The built-in function of a name and argument types, with DISTINCT around it if `is_distinct`; `None` for a name that
/// is none.
///
/// # Errors
/// User errors for types that the function does not take.
pub fn builtin(
    name: &str,
    is_distinct: bool,
    argument_types: &[DataType],
) -> Result<Option<Arc<dyn AggregateFunction>>> {
    let Some(builtin) = find(name) else { return Ok(None) };
    let function = builtin.resolve(argument_types)?;
    Ok(Some(if is_distinct { distinct(function, argument_types.to_vec()) } else { function }))
}

/// Makes room for all of the groups.
fn grow<T: Clone>(by_group: &mut Vec<T>, groups: &[u32], empty: T) {
    let needed = groups.iter().max().map_or(0, |&highest| highest as usize + 1);
    if by_group.len() < needed {
        by_group.resize(needed, empty);
    }
}

/// The offsets of lists of these lengths.
///
/// # Errors
/// State errors for more items than a column of lists can hold.
fn list_offsets(lengths: impl IntoIterator<Item = usize>) -> Result<OffsetBuffer<i32>> {
    let mut offsets = vec![0i32];
    let mut end = 0;
    for length in lengths {
        end += length;
        offsets.push(i32::try_from(end).map_err(|_| Error::state("more than 2^31 values in one batch of state"))?);
    }
    Ok(OffsetBuffer::new(offsets.into()))
}

/// Column `index`, which has the type that the function was resolved for.
fn primitive<T: ArrowPrimitiveType>(columns: &[ArrayRef], index: usize) -> Result<&PrimitiveArray<T>> {
    let column = column(columns, index)?;
    column.as_primitive_opt().ok_or_else(|| {
        Error::bug(format!("an aggregate of {} was given a column of {}", T::DATA_TYPE, column.data_type()))
    })
}

fn column(columns: &[ArrayRef], index: usize) -> Result<&ArrayRef> {
    columns.get(index).ok_or_else(|| Error::bug(format!("an aggregate was given {} columns", columns.len())))
}

/// Calls `visit` for every row of a primitive column that is not NULL.
#[inline]
fn for_each_valid<T: ArrowPrimitiveType>(
    groups: &[u32],
    column: &PrimitiveArray<T>,
    mut visit: impl FnMut(usize, T::Native),
) {
    let pairs = groups.iter().zip(column.values());
    match column.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => pairs.for_each(|(&group, &value)| visit(group as usize, value)),
        Some(nulls) => {
            for ((&group, &value), valid) in pairs.zip(nulls.iter()) {
                if valid {
                    visit(group as usize, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
