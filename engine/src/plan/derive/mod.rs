//! What follows from a logical plan, derived per node and never carried in field metadata, where it leaks and gets lost:
//! time attributes, window columns, the changelog, keys.

mod changelog;
mod keys;
mod time_attribute;
mod window;

pub use changelog::is_updating;
pub use keys::{unique_keys, upsert_keys};
pub use time_attribute::{time_attributes, timestamp_attribute};
pub use window::{WindowProperty, is_window_aggregate, window_below, window_columns};

use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::error::Result;

/// The column of the input that an output expression passes on, by index.
pub fn passed_column(expression: &Expr, input: &LogicalPlan) -> Option<usize> {
    match expression {
        Expr::Alias(alias) => passed_column(&alias.expr, input),
        Expr::Column(column) => input.schema().maybe_index_of_column(column),
        _ => None,
    }
}

/// A property of columns that passes through nodes which keep columns as they are.
fn pass<T: Clone>(
    expressions: &[Expr],
    input: &LogicalPlan,
    properties: impl Fn(&LogicalPlan) -> Result<Vec<Option<T>>>,
) -> Result<Vec<Option<T>>> {
    let of_input = properties(input)?;
    Ok(expressions.iter().map(|it| passed_column(it, input).and_then(|index| of_input[index].clone())).collect())
}
