//! The rules that a streaming plan goes through: a list of our own, because some of DataFusion's default rules are wrong
//! for streams (they split distinct aggregates, fold the time of day, turn plans into ones that need all input first).

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::eliminate_filter::EliminateFilter;
use datafusion::optimizer::extract_equijoin_predicate::ExtractEquijoinPredicate;
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::simplify_expressions::SimplifyExpressions;
use datafusion::optimizer::{Optimizer, OptimizerContext, OptimizerRule};

use super::context::PlanContext;
use crate::error::Result;
use crate::functions::component::JobScope;

/// The rules, in order; run until nothing changes.
fn rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    vec![
        Arc::new(SimplifyExpressions::new()),
        Arc::new(EliminateFilter::new()),
        // Conditions on both sides of a comma become the join's; then its equalities become its keys.
        Arc::new(PushDownFilter::new()),
        Arc::new(ExtractEquijoinPredicate::new()),
        Arc::new(SimplifyExpressions::new()),
        Arc::new(OptimizeProjections::new()),
    ]
}

/// Simplifies expressions, moves filters down and leaves out columns that nothing reads.
///
/// # Errors
/// User errors where a constant expression cannot be computed; else bugs.
pub fn optimize(context: &PlanContext, plan: LogicalPlan) -> Result<LogicalPlan> {
    let mut options = ConfigOptions::new();
    // One scope for all passes: what a call of constants gives is computed once.
    JobScope::new(context.config).enter(&mut options);
    options.optimizer.skip_failed_rules = false;
    let settings = OptimizerContext::new_with_config_options(Arc::new(options)).with_max_passes(4);
    Ok(Optimizer::with_rules(rules()).optimize(plan, &settings, |_, _| {})?)
}
