//! What the functions of a plan are granted: for EXPLAIN in batch mode, where no operators of ours say it.

use std::collections::BTreeMap;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::nodes::Lateral;
use crate::functions::component::ComponentScalar;
use crate::functions::udaf::EngineAggregate;

/// The functions that are granted something, by name, with what it is.
pub fn granted(plans: &[&LogicalPlan]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for plan in plans {
        // The closures give no errors.
        let _ = plan.apply_with_subqueries(|node| {
            if let LogicalPlan::Extension(extension) = node {
                let node: &dyn std::any::Any = extension.node.as_any();
                if let Some(lateral) = node.downcast_ref::<Lateral>() {
                    let function = lateral.function.0.function();
                    found.insert(function.name().to_owned(), function.granted());
                }
            }
            node.apply_expressions(|expression| {
                expression.apply(|expression| {
                    found.extend(of_call(expression));
                    Ok::<_, DataFusionError>(TreeNodeRecursion::Continue)
                })
            })
        });
    }
    found.retain(|_, granted| !granted.is_empty());
    found
}

fn of_call(expression: &Expr) -> Option<(String, String)> {
    match expression {
        Expr::ScalarFunction(call) => {
            let function = call.func.inner().downcast_ref::<ComponentScalar>()?.function();
            Some((function.name().to_owned(), function.granted()))
        }
        Expr::AggregateFunction(call) => {
            let resolver = EngineAggregate::of(&call.func)?.resolver();
            Some((resolver.name().to_owned(), resolver.granted()))
        }
        _ => None,
    }
}
