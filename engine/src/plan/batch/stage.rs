//! Calls of functions in batch mode: they are taken out of expressions and become stages of their own, as in a stream,
//! where a call that stands twice is made once. Where they cannot be taken out, the batch engine calls functions from
//! expressions; such a call must give a value for every row, and at once: its policy must not drop rows, nor may it wait.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::Field;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, DFSchemaRef};
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{
    Aggregate, Expr, ExprSchemable, Extension, Filter, LogicalPlan, Projection, UserDefinedLogicalNodeCore,
};

use super::aggregate::with_dead_letters;
use crate::error::{Error, Result};
use crate::functions::component::{ComponentScalar, JobScope, OnError};
use crate::plan::lower::{StageCall, component_of, has_component, take_calls, take_varying};

/// Appends the results of calls to its input.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CallStage {
    pub input: Arc<LogicalPlan>,
    pub calls: Vec<StageCall>,
    schema: DFSchemaRef,
}

impl CallStage {
    fn new(input: LogicalPlan, calls: Vec<StageCall>) -> Result<Self> {
        let mut fields: Vec<_> =
            input.schema().iter().map(|(qualifier, field)| (qualifier.cloned(), field.clone())).collect();
        for made in &calls {
            let data_type = made.call.get_type(input.schema())?;
            fields.push((None, Arc::new(Field::new(&made.name, data_type, true))));
        }
        let schema = Arc::new(DFSchema::new_with_metadata(fields, Default::default())?);
        Ok(CallStage { input: Arc::new(input), calls, schema })
    }
}

impl PartialOrd for CallStage {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.input.partial_cmp(&other.input)
    }
}

impl UserDefinedLogicalNodeCore for CallStage {
    fn name(&self) -> &str {
        "ComponentCall"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    /// The calls' expressions are looked at by who plans the node, not by rules.
    fn expressions(&self) -> Vec<Expr> {
        vec![]
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let calls = self.calls.iter().map(|made| format!("{} AS {}", made.call, made.name)).collect::<Vec<_>>();
        write!(f, "ComponentCall: call=[{}]", calls.join(", "))
    }

    fn with_exprs_and_inputs(&self, _expressions: Vec<Expr>, mut inputs: Vec<LogicalPlan>) -> DataFusionResult<Self> {
        let input = inputs.pop().ok_or_else(|| Error::bug("a stage of calls without an input"))?;
        Ok(CallStage::new(input, self.calls.clone())?)
    }
}

/// A plan in which calls are stages: all that may drop rows, or wait, and of the others those that can be taken out.
///
/// # Errors
/// User errors where a call stands where it must be taken out and cannot be; those of binding aggregates.
pub fn with_stages(plan: &LogicalPlan, job: &JobScope) -> Result<LogicalPlan> {
    let plan = plan.clone().transform_up(|node| Ok(Transformed::yes(staged(node, job)?)))?;
    Ok(plan.data)
}

fn staged(node: LogicalPlan, job: &JobScope) -> Result<LogicalPlan> {
    if !node.expressions().iter().any(has_component) {
        return match node {
            LogicalPlan::Aggregate(aggregate) => with_dead_letters(aggregate, job),
            other => Ok(other),
        };
    }
    match node {
        LogicalPlan::Projection(Projection { mut expr, input, schema, .. }) => {
            let input = stages(Arc::unwrap_or_clone(input), &mut expr)?;
            Ok(LogicalPlan::Projection(Projection::try_new_with_schema(expr, Arc::new(input), schema)?))
        }
        LogicalPlan::Filter(Filter { predicate, input, .. }) => {
            let columns: Vec<Expr> = input.schema().columns().into_iter().map(Expr::Column).collect();
            let schema = input.schema().clone();
            let mut predicates = [predicate];
            let input = stages(Arc::unwrap_or_clone(input), &mut predicates)?;
            let [predicate] = predicates;
            let kept = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(input))?);
            Ok(LogicalPlan::Projection(Projection::try_new_with_schema(columns, Arc::new(kept), schema)?))
        }
        LogicalPlan::Aggregate(Aggregate { input, mut group_expr, aggr_expr, schema, .. }) => {
            let keys = group_expr.len();
            group_expr.extend(aggr_expr);
            let input = stages(Arc::unwrap_or_clone(input), &mut group_expr)?;
            let aggr_expr = group_expr.split_off(keys);
            let aggregate = Aggregate::try_new_with_schema(Arc::new(input), group_expr, aggr_expr, schema)?;
            with_dead_letters(aggregate, job)
        }
        other => {
            let Some(function) = other.expressions().iter().find_map(must_be_a_stage) else { return Ok(other) };
            let message = format!(
                "in batch mode the function '{function}', which may drop rows or wait, cannot be called in {}",
                other.display()
            );
            let hint = "call it in the SELECT list of a query below";
            Err(Error::user(message).hint(hint))
        }
    }
}

/// Takes all component calls out of expressions, into stages over `input`.
fn stages(mut input: LogicalPlan, expressions: &mut [Expr]) -> Result<LogicalPlan> {
    while expressions.iter().any(has_component) {
        let varying = take_varying(expressions, input.schema().fields().len())?;
        if !varying.is_empty() {
            let columns = input.schema().columns().into_iter().map(Expr::Column);
            let columns = columns.chain(varying.into_iter().map(|(varying, name)| varying.alias(name))).collect();
            input = LogicalPlan::Projection(Projection::try_new(columns, Arc::new(input))?);
        }
        let calls = take_calls(expressions, input.schema().fields().len())?;
        input = LogicalPlan::Extension(Extension { node: Arc::new(CallStage::new(input, calls)?) });
    }
    Ok(input)
}

/// The name of a function in an expression that may drop rows, or wait.
fn must_be_a_stage(expression: &Expr) -> Option<String> {
    let mut found = None;
    let _ = expression.exists(|node| {
        if let Some(function) = component_of(node).map(ComponentScalar::function)
            && (matches!(function.on_error(), OnError::Skip | OnError::DeadLetter) || function.asynchronous().is_some())
        {
            found = Some(function.name().to_owned());
        }
        Ok(found.is_some())
    });
    found
}
