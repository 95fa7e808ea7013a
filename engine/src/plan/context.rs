//! What planning knows of the session.

use std::sync::Arc;

use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

use super::catalog::Catalog;
use super::guard::{guard, guard_condition};
use crate::config::Config;
use crate::connectors::ConnectorRegistry;
use crate::error::Result;
use crate::functions::catalog::FunctionCatalog;
use crate::functions::component::JobScope;

/// The session as the planner sees it.
pub struct PlanContext<'a> {
    pub catalog: &'a Catalog,
    pub functions: &'a FunctionCatalog,
    pub connectors: &'a ConnectorRegistry,
    pub config: &'a Config,
    /// Streaming and not batch.
    pub streaming: bool,
    /// The job that the statement becomes.
    pub job: JobScope,
    properties: ExecutionProps,
}

impl<'a> PlanContext<'a> {
    pub fn new(
        catalog: &'a Catalog,
        functions: &'a FunctionCatalog,
        connectors: &'a ConnectorRegistry,
        config: &'a Config,
    ) -> Self {
        let mut options = ConfigOptions::new();
        let job = JobScope::new(config);
        job.enter(&mut options);
        let mut properties = ExecutionProps::new();
        properties.config_options = Some(Arc::new(options));
        let streaming = config.runtime_mode() == crate::config::RuntimeMode::Streaming;
        PlanContext { catalog, functions, connectors, config, streaming, job, properties }
    }

    /// An expression as operators evaluate it, over columns of `schema`.
    pub fn physical(&self, expression: &Expr, schema: &DFSchema) -> Result<Arc<dyn PhysicalExpr>> {
        self.create(&guard(expression.clone(), schema)?, schema)
    }

    /// A condition as operators evaluate it: rows pass for which it is true.
    pub fn physical_condition(&self, condition: &Expr, schema: &DFSchema) -> Result<Arc<dyn PhysicalExpr>> {
        self.create(&guard_condition(condition.clone(), schema)?, schema)
    }

    fn create(&self, expression: &Expr, schema: &DFSchema) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(create_physical_expr(expression, schema, &self.properties, &PhysicalPlanningContext::default())?)
    }
}
