//! Which columns are the start, end and time of a window, and so which aggregations are window aggregations.

use std::sync::Arc;

use datafusion::logical_expr::LogicalPlan;

use super::{pass, passed_column};
use crate::error::Result;
use crate::operators::Window;
use crate::plan::nodes::{Lateral, TimeAttribute, WindowAssign};

/// What a column says of its row's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowProperty {
    Start,
    End,
    Time,
}

/// The window property that each output column is, if any.
///
/// # Errors
/// Bugs only.
pub fn window_columns(plan: &LogicalPlan) -> Result<Vec<Option<WindowProperty>>> {
    let width = plan.schema().fields().len();
    Ok(match plan {
        LogicalPlan::Projection(projection) => pass(&projection.expr, &projection.input, window_columns)?,
        LogicalPlan::Filter(filter) => window_columns(&filter.input)?,
        LogicalPlan::SubqueryAlias(alias) => window_columns(&alias.input)?,
        LogicalPlan::Aggregate(aggregate) if is_window_aggregate(plan)? => {
            let mut columns = pass(&aggregate.group_expr, &aggregate.input, window_columns)?;
            columns.resize(width, None);
            columns
        }
        LogicalPlan::Union(union) => of_union(&union.inputs, width)?,
        LogicalPlan::Extension(extension) => {
            let node: &dyn std::any::Any = extension.node.as_any();
            let mut columns = vec![None; width];
            if let Some(window) = node.downcast_ref::<WindowAssign>() {
                let added = [WindowProperty::Start, WindowProperty::End, WindowProperty::Time];
                for (column, property) in columns[window.input_width()..].iter_mut().zip(added) {
                    *column = Some(property);
                }
            } else if let Some(lateral) = node.downcast_ref::<Lateral>() {
                columns = window_columns(&lateral.input)?;
                columns.resize(width, None);
            }
            columns
        }
        _ => vec![None; width],
    })
}

/// A union is of windows where all of its inputs are of the same. In processing time no two are.
fn of_union(inputs: &[Arc<LogicalPlan>], width: usize) -> Result<Vec<Option<WindowProperty>>> {
    let mut windows = inputs.iter().map(|input| window_below(input));
    let first = windows.next().flatten();
    if !matches!(first, Some((_, TimeAttribute::Event { .. }))) || windows.any(|other| other != first) {
        return Ok(vec![None; width]);
    }
    let mut inputs = inputs.iter().map(|input| window_columns(input));
    let mut common = inputs.next().transpose()?.unwrap_or_default();
    for input in inputs {
        for (common, other) in common.iter_mut().zip(input?) {
            if *common != other {
                *common = None;
            }
        }
    }
    Ok(common)
}

/// The window that the window columns of a plan speak of, where it has some, and what its time is.
pub fn window_below(plan: &LogicalPlan) -> Option<(Window, TimeAttribute)> {
    if let LogicalPlan::Extension(extension) = plan {
        let node: &dyn std::any::Any = extension.node.as_any();
        if let Some(window) = node.downcast_ref::<WindowAssign>() {
            return Some((window.window, window.attribute));
        }
    }
    plan.inputs().into_iter().find_map(window_below)
}

/// Whether an aggregation groups by a window: by its start and its end.
///
/// # Errors
/// Bugs only.
pub fn is_window_aggregate(plan: &LogicalPlan) -> Result<bool> {
    let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(false) };
    let windows = window_columns(&aggregate.input)?;
    let has = |property| {
        let mut keys = aggregate.group_expr.iter().filter_map(|key| passed_column(key, &aggregate.input));
        keys.any(|column| windows[column] == Some(property))
    };
    Ok(has(WindowProperty::Start) && has(WindowProperty::End))
}
