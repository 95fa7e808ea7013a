//! Keys: sets of columns of which no two rows of the result have the same values. The empty set is the key of a result of
//! at most one row.
//!
//! By an *upsert key* an update can also be found: all changes of a row that has it come from one subtask, in their
//! order. A join sends rows by the columns that it compares; where these change and the key stays, the old row is taken
//! back by one subtask and the new one made by another.

use std::collections::BTreeSet;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, ExprSchemable, JoinType, LogicalPlan};

use super::{is_updating, is_window_aggregate, passed_column, window_columns};
use crate::error::Result;
use crate::functions::scalar::cast_target;
use crate::plan::bind::is_not_null_check;
use crate::plan::scan::scan_table;

/// A key: indices of output columns.
pub type Key = BTreeSet<usize>;

/// Bounds the keys that joins combine.
const MAX_KEYS: usize = 16;

/// The known keys of a plan, smallest first.
///
/// # Errors
/// Bugs only.
pub fn unique_keys(plan: &LogicalPlan) -> Result<Vec<Key>> {
    keys(plan, false)
}

/// The known upsert keys of a plan, smallest first.
///
/// # Errors
/// Bugs only.
pub fn upsert_keys(plan: &LogicalPlan) -> Result<Vec<Key>> {
    keys(plan, true)
}

fn keys(plan: &LogicalPlan, in_order: bool) -> Result<Vec<Key>> {
    let mut keys = keys_of(plan, in_order)?;
    keys.sort_by_key(|key| (key.len(), key.clone()));
    keys.dedup();
    keys.truncate(MAX_KEYS);
    Ok(keys)
}

/// `in_order`: upsert keys only.
fn keys_of(plan: &LogicalPlan, in_order: bool) -> Result<Vec<Key>> {
    Ok(match plan {
        LogicalPlan::TableScan(scan) => {
            let table = scan_table(&scan.source)?;
            let position = |column: &String| {
                let column = table.schema.index_of(column).ok()?;
                match &scan.projection {
                    Some(projection) => projection.iter().position(|kept| *kept == column),
                    None => Some(column),
                }
            };
            let key: Option<Key> = table.table.primary_key.iter().map(position).collect();
            key.filter(|key| !key.is_empty()).into_iter().collect()
        }
        LogicalPlan::Aggregate(aggregate) if is_window_aggregate(plan)? => {
            let windows = window_columns(&aggregate.input)?;
            let is_window = |column: &usize| {
                passed_column(&aggregate.group_expr[*column], &aggregate.input).is_some_and(|it| windows[it].is_some())
            };
            let (of_window, others): (Key, Key) = (0..aggregate.group_expr.len()).partition(is_window);
            // All windows are of one length: the start alone tells them apart, and so does the end.
            of_window.into_iter().map(|column| others.iter().copied().chain([column]).collect()).collect()
        }
        LogicalPlan::Aggregate(aggregate) => vec![(0..aggregate.group_expr.len()).collect()],
        LogicalPlan::Projection(projection) => {
            let sources: Vec<_> = projection.expr.iter().map(|it| identifying_column(it, &projection.input)).collect();
            let renamed = keys(&projection.input, in_order)?.into_iter().filter_map(|key| {
                key.into_iter().map(|column| sources.iter().position(|source| *source == Some(column))).collect()
            });
            renamed.collect()
        }
        LogicalPlan::Filter(filter) => keys(&filter.input, in_order)?,
        LogicalPlan::SubqueryAlias(alias) => keys(&alias.input, in_order)?,
        LogicalPlan::Sort(sort) => keys(&sort.input, in_order)?,
        LogicalPlan::Limit(limit) => keys(&limit.input, in_order)?,
        LogicalPlan::Join(join) if join.join_type == JoinType::Inner => {
            let width = join.left.schema().fields().len();
            let (left, right) = (keys(&join.left, in_order)?, keys(&join.right, in_order)?);
            let equal = |side: fn(&(Expr, Expr)) -> &Expr, plan: &LogicalPlan| -> Key {
                join.on.iter().filter_map(|pair| passed_column(side(pair), plan)).collect()
            };
            let (left_equal, right_equal) = (equal(|pair| &pair.0, &join.left), equal(|pair| &pair.1, &join.right));
            let shifted = |key: &Key| -> Key { key.iter().map(|column| column + width).collect() };
            // The compared values of a row with this key never change, so neither does its subtask.
            let stays = |key: &Key, plan: &LogicalPlan, equal: &Key| -> Result<bool> {
                let has_all = equal.len() == join.on.len() && equal.is_subset(key);
                Ok(!in_order || has_all || !is_updating(plan)?)
            };
            let mut keys: Vec<Key> = vec![];
            // A row meets at most one row of a side that is unique by the equal columns.
            let one_right = right.iter().any(|key| key.is_subset(&right_equal));
            let one_left = left.iter().any(|key| key.is_subset(&left_equal));
            for key in &left {
                let left_stays = stays(key, &join.left, &left_equal)?;
                if one_right && left_stays {
                    keys.push(key.clone());
                }
                for other in &right {
                    if left_stays || stays(other, &join.right, &right_equal)? {
                        keys.push(key.union(&shifted(other)).copied().collect());
                    }
                }
            }
            for key in &right {
                if one_left && stays(key, &join.right, &right_equal)? {
                    keys.push(shifted(key));
                }
            }
            keys
        }
        _ => vec![],
    })
}

/// The column of the input whose values an expression tells apart: itself, checked for NULL, or cast to a type that holds
/// all of its values, text included.
fn identifying_column(expression: &Expr, input: &LogicalPlan) -> Option<usize> {
    match expression {
        Expr::Alias(alias) => identifying_column(&alias.expr, input),
        Expr::ScalarFunction(call) if is_not_null_check(call.func.inner().as_ref()) => {
            call.args.first().and_then(|argument| identifying_column(argument, input))
        }
        Expr::ScalarFunction(call) => {
            let to = cast_target(call.func.inner().as_ref())?;
            identifying_cast(call.args.first()?, to, input)
        }
        Expr::Cast(cast) => identifying_cast(&cast.expr, cast.field.data_type(), input),
        other => passed_column(other, input),
    }
}

fn identifying_cast(argument: &Expr, to: &DataType, input: &LogicalPlan) -> Option<usize> {
    let from = argument.get_type(input.schema()).ok()?;
    let widens = from.is_integer() && to.is_integer() && from.primitive_width() <= to.primitive_width();
    let has_own_text = from.is_integer()
        || matches!(
            from,
            DataType::Boolean | DataType::Date32 | DataType::Decimal128(..) | DataType::Timestamp(_, None)
        );
    let identifies = widens || (*to == DataType::Utf8 && has_own_text);
    identifies.then(|| identifying_column(argument, input)).flatten()
}
