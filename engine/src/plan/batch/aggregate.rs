//! Aggregations in batch mode whose functions send rows to a table: the batch engine's accumulators see no more of a row
//! than their arguments, and have nowhere to send it. So an operator of ours takes their place.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::common::DFSchemaRef;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{Aggregate, Expr, Extension, LogicalPlan, Projection, UserDefinedLogicalNodeCore};

use crate::error::{Error, Result};
use crate::functions::component::JobScope;
use crate::functions::udaf::EngineAggregate;
use crate::operators::BatchAggregateSpec;
use crate::plan::bind::unique_names;
use crate::plan::lower::{AggregateInputs, aggregate_calls};

/// In the place of an [`Aggregate`], over the columns that it reads.
#[derive(Debug, Clone)]
pub struct AggregateStage {
    input: Arc<LogicalPlan>,
    aggregate: Aggregate,
    pub spec: Arc<BatchAggregateSpec>,
}

/// An aggregation as this operator, where it sends rows to a table; else as it is.
///
/// # Errors
/// Those of binding its functions.
pub fn with_dead_letters(aggregate: Aggregate, job: &JobScope) -> Result<LogicalPlan> {
    let sends = |it: &Expr| it.exists(|part| Ok(dead_letter_table(part).is_some())).unwrap_or(false);
    if !aggregate.aggr_expr.iter().any(sends) {
        return Ok(LogicalPlan::Aggregate(aggregate));
    }
    let mut inputs = AggregateInputs::default();
    let keys = aggregate.group_expr.iter().map(|key| inputs.column(key.clone())).collect();
    let calls = aggregate_calls(&aggregate, job, |expression| Ok(inputs.column(expression.clone())))?;
    let (columns, names) = inputs.into_parts();
    let columns = columns.into_iter().zip(unique_names(names)).map(|(column, name)| column.alias(name)).collect();
    let input = LogicalPlan::Projection(Projection::try_new(columns, aggregate.input.clone())?);
    let spec = BatchAggregateSpec {
        input: input.schema().inner().clone(),
        keys,
        aggregates: calls,
        schema: aggregate.schema.inner().clone(),
    };
    let stage = AggregateStage { input: Arc::new(input), aggregate, spec: Arc::new(spec) };
    Ok(LogicalPlan::Extension(Extension { node: Arc::new(stage) }))
}

/// The table that an aggregate sends rows to that fail, with the aggregate's name.
pub fn dead_letter_table(expression: &Expr) -> Option<(&Arc<str>, &str)> {
    let Expr::AggregateFunction(call) = expression else { return None };
    let resolver = EngineAggregate::of(&call.func)?.resolver();
    resolver.dead_letter_table().map(|table| (table, resolver.name()))
}

impl PartialEq for AggregateStage {
    fn eq(&self, other: &Self) -> bool {
        self.input == other.input && self.aggregate == other.aggregate
    }
}

impl Eq for AggregateStage {}

impl PartialOrd for AggregateStage {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.aggregate.partial_cmp(&other.aggregate)
    }
}

impl Hash for AggregateStage {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.aggregate.hash(state);
    }
}

impl UserDefinedLogicalNodeCore for AggregateStage {
    fn name(&self) -> &str {
        "BatchAggregate"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.aggregate.schema
    }

    /// Its expressions are settled: no rule looks at them any more.
    fn expressions(&self) -> Vec<Expr> {
        vec![]
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let list = |expressions: &[Expr]| expressions.iter().map(Expr::to_string).collect::<Vec<_>>().join(", ");
        let Aggregate { group_expr, aggr_expr, .. } = &self.aggregate;
        write!(f, "BatchAggregate: groupBy=[[{}]], aggr=[[{}]]", list(group_expr), list(aggr_expr))
    }

    fn with_exprs_and_inputs(&self, _expressions: Vec<Expr>, mut inputs: Vec<LogicalPlan>) -> DataFusionResult<Self> {
        let input = inputs.pop().ok_or_else(|| Error::bug("an aggregation without an input"))?;
        Ok(AggregateStage { input: Arc::new(input), ..self.clone() })
    }
}
