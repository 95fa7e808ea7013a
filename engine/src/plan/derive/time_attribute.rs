//! Which columns are time attributes: those with a watermark, and processing time. A cast, a function, an aggregate and
//! a regular join make ordinary columns of them.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};

use super::{WindowProperty, is_window_aggregate, pass, passed_column, window_columns};
use crate::error::Result;
use crate::plan::bind::is_processing_time;
use crate::plan::nodes::{Lateral, TimeAttribute, WindowAssign};
use crate::plan::scan::scan_table;

/// The time attribute that each output column is, if any.
///
/// # Errors
/// Bugs only.
pub fn time_attributes(plan: &LogicalPlan) -> Result<Vec<Option<TimeAttribute>>> {
    let width = plan.schema().fields().len();
    Ok(match plan {
        LogicalPlan::TableScan(scan) => {
            let all = &scan_table(&scan.source)?.time_attributes;
            match &scan.projection {
                Some(columns) => columns.iter().map(|column| all[*column]).collect(),
                None => all.clone(),
            }
        }
        LogicalPlan::Projection(projection) => {
            let mut passed = pass(&projection.expr, &projection.input, time_attributes)?;
            for (attribute, expression) in passed.iter_mut().zip(&projection.expr) {
                let expression = match expression {
                    Expr::Alias(alias) => &alias.expr,
                    other => other,
                };
                if is_processing_time(expression) {
                    *attribute = Some(TimeAttribute::Processing);
                }
            }
            passed
        }
        LogicalPlan::Filter(filter) => time_attributes(&filter.input)?,
        LogicalPlan::SubqueryAlias(alias) => time_attributes(&alias.input)?,
        LogicalPlan::Union(union) => {
            let mut inputs = union.inputs.iter().map(|input| time_attributes(input));
            let mut common = inputs.next().transpose()?.unwrap_or_default();
            for input in inputs {
                for (common, other) in common.iter_mut().zip(input?) {
                    if *common != other {
                        *common = None;
                    }
                }
            }
            common
        }
        // Of the columns behind a window only the window's own time is an attribute.
        LogicalPlan::Aggregate(aggregate) if is_window_aggregate(plan)? => {
            let windows = window_columns(&aggregate.input)?;
            let of_input = time_attributes(&aggregate.input)?;
            let keys = aggregate.group_expr.iter().map(|key| {
                let index = passed_column(key, &aggregate.input)?;
                (windows[index] == Some(WindowProperty::Time)).then(|| of_input[index]).flatten()
            });
            keys.chain(aggregate.aggr_expr.iter().map(|_| None)).collect()
        }
        LogicalPlan::Extension(extension) => {
            let node: &dyn std::any::Any = extension.node.as_any();
            if let Some(window) = node.downcast_ref::<WindowAssign>() {
                let mut attributes = vec![None; width];
                if let Some(last) = attributes.last_mut() {
                    *last = Some(window.attribute);
                }
                attributes
            } else if let Some(lateral) = node.downcast_ref::<Lateral>() {
                let mut attributes = time_attributes(&lateral.input)?;
                attributes.resize(width, None);
                attributes
            } else {
                vec![None; width]
            }
        }
        _ => vec![None; width],
    })
}

/// Any timestamp, as batch mode takes it for a time attribute.
///
/// # Errors
/// Those of finding the expression's type.
pub fn timestamp_attribute(expression: &Expr, schema: &DFSchema) -> Result<Option<TimeAttribute>> {
    Ok(match expression.get_type(schema)? {
        DataType::Timestamp(_, zone) => Some(TimeAttribute::Event { local: zone.is_some() }),
        _ => None,
    })
}
