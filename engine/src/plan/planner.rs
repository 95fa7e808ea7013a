//! The planner: from queries and INSERTs to job graphs.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, ExprSchemable, Filter, LogicalPlan, Projection};
use datafusion::sql::sqlparser::ast;

use super::bind::{Binder, cast, coercion, did_you_mean, not_null, unique_names};
use super::catalog::{Catalog, CatalogTable, at, span_of};
use super::context::PlanContext;
use super::derive::is_updating;
use super::lower::{OnConflict, SinkPlan, lower};
use super::optimize::optimize;
use super::{explain, scan};
use crate::changelog::ChangelogMode;
use crate::config::Config;
use crate::connectors::ConnectorRegistry;
use crate::error::{Error, Result};
use crate::functions::catalog::FunctionCatalog;
use crate::runtime::JobGraph;
use crate::types::sql_type;

/// A query that has been planned.
#[derive(Debug, Clone)]
pub struct QueryPlan {
    /// As written, with names and types settled.
    pub bound: LogicalPlan,
    /// After the rules.
    pub logical: LogicalPlan,
    pub schema: SchemaRef,
    /// What the query gives where nothing asks for less.
    pub changelog_mode: ChangelogMode,
}

/// A query and the table its rows go to.
#[derive(Debug, Clone)]
pub struct InsertPlan {
    /// As written.
    pub bound: LogicalPlan,
    /// With the sink's columns, checked.
    pub sink: SinkPlan,
}

/// Plans statements against a session's catalogs and settings.
pub struct Planner<'a> {
    context: PlanContext<'a>,
}

impl<'a> Planner<'a> {
    pub fn new(
        catalog: &'a Catalog,
        functions: &'a FunctionCatalog,
        connectors: &'a ConnectorRegistry,
        config: &'a Config,
    ) -> Self {
        Planner { context: PlanContext::new(catalog, functions, connectors, config) }
    }

    /// Plans a query.
    ///
    /// # Errors
    /// User errors with their places: what is not known, does not fit or is not supported.
    pub fn query(&self, query: &ast::Query) -> Result<QueryPlan> {
        let bound = Binder::new(&self.context).query(query)?;
        let logical = optimize(&self.context, bound.clone())?;
        let changelog_mode = match is_updating(&logical)? {
            true => ChangelogMode::Retract,
            false => ChangelogMode::AppendOnly,
        };
        let schema = bound.schema().inner().clone();
        Ok(QueryPlan { bound, logical, schema, changelog_mode })
    }

    /// Plans `INSERT INTO target (columns) query ON CONFLICT …`.
    ///
    /// # Errors
    /// User errors: those of the query, columns that do not fit, a changelog that the sink cannot take.
    pub fn insert(
        &self,
        target: &ast::ObjectName,
        columns: &[ast::Ident],
        query: &ast::Query,
        on_conflict: OnConflict,
    ) -> Result<InsertPlan> {
        let table = self.context.catalog.resolve_table(target)?.clone();
        let bound = Binder::new(&self.context).query(query)?;
        self.insert_bound(&table, columns, bound, on_conflict).map_err(|error| at(error, span_of(target)))
    }

    /// Plans the writing of a query's rows to a table that need not be in the catalog: what collects a result.
    ///
    /// # Errors
    /// As [`Planner::insert`].
    pub fn insert_into(&self, table: &CatalogTable, query: &QueryPlan) -> Result<InsertPlan> {
        self.insert_bound(table, &[], query.bound.clone(), OnConflict::default())
    }

    fn insert_bound(
        &self,
        table: &CatalogTable,
        columns: &[ast::Ident],
        query: LogicalPlan,
        on_conflict: OnConflict,
    ) -> Result<InsertPlan> {
        let plan = self.sink_columns(table, columns, query)?;
        let logical = optimize(&self.context, plan.clone())?;
        let sink = scan::sink(&self.context, table)?;
        if on_conflict != OnConflict::Refuse && sink.changelog_mode() != ChangelogMode::Upsert {
            let message = format!("table '{}' does not take updates by key, so no rows meet there", table.name);
            return Err(Error::user(message).hint("leave ON CONFLICT out"));
        }
        let sink = SinkPlan {
            table: table.name.clone(),
            sink,
            primary_key: table
                .primary_key
                .iter()
                .filter_map(|name| logical.schema().index_of_column_by_name(None, name))
                .collect(),
            on_conflict: self.on_conflict(on_conflict),
            plan: logical,
        };
        if self.context.streaming {
            sink.input()?;
        }
        Ok(InsertPlan { bound: plan, sink })
    }

    /// What becomes of rows that meet at one primary key, where the statement does not say.
    fn on_conflict(&self, given: OnConflict) -> OnConflict {
        let config = self.context.config;
        match given {
            OnConflict::Refuse if config.require_on_conflict() => OnConflict::Refuse,
            OnConflict::Refuse if config.upsert_materialize() => OnConflict::Deduplicate,
            OnConflict::Refuse => OnConflict::Ignore,
            given => given,
        }
    }

    /// The query with the sink's columns: in its order, cast where Flink does that by itself, NULL where none is given.
    fn sink_columns(&self, table: &CatalogTable, names: &[ast::Ident], query: LogicalPlan) -> Result<LogicalPlan> {
        let target = table.physical_schema();
        let mut order: Vec<usize> = vec![];
        for name in names {
            let index = target.index_of(&name.value).map_err(|_| {
                let known = target.fields().iter().map(|field| field.name().as_str());
                let nearest = did_you_mean(&name.value, known);
                at(
                    Error::user(format!("table '{}' has no column '{}' to write to{nearest}", table.name, name.value)),
                    name.span,
                )
            })?;
            if order.contains(&index) {
                return Err(at(Error::user(format!("column '{}' is named twice", name.value)), name.span));
            }
            order.push(index);
        }
        if names.is_empty() {
            order = (0..target.fields().len()).collect();
        }
        let schema = query.schema().clone();
        let describe = |names: Vec<String>| names.join(", ");
        let query_text =
            schema.fields().iter().map(|field| format!("{} {}", field.name(), sql_type(field.data_type())));
        let sink_text = order.iter().map(|index| {
            let field = target.field(*index);
            format!("{} {}", field.name(), sql_type(field.data_type()))
        });
        let mismatch = |cause: String| {
            let (query, sink) = (describe(query_text.clone().collect()), describe(sink_text.clone().collect()));
            Error::user(format!("the query's columns do not fit table '{}': {cause}", table.name))
                .hint(format!("the query gives ({query}), the table takes ({sink})"))
        };
        if order.len() != schema.fields().len() {
            return Err(mismatch(format!(
                "it gives {} columns, and the table takes {}",
                schema.fields().len(),
                order.len()
            )));
        }
        let (mut expressions, mut not_nulls) = (vec![], vec![]);
        for (index, field) in target.fields().iter().enumerate() {
            let Some(from) = order.iter().position(|given| *given == index) else {
                if !field.is_nullable() {
                    return Err(mismatch(format!("column '{}' is NOT NULL and not given", field.name())));
                }
                let null = Expr::Literal(datafusion::common::ScalarValue::try_from(field.data_type())?, None);
                expressions.push(null.alias(field.name()));
                continue;
            };
            let given = schema.field(from);
            if !coercion::is_implicit(given.data_type(), field.data_type()) {
                return Err(mismatch(format!(
                    "column '{}' is {}, and '{}' of the query is {}",
                    field.name(),
                    sql_type(field.data_type()),
                    given.name(),
                    sql_type(given.data_type())
                )));
            }
            let column = Expr::Column(schema.columns().swap_remove(from));
            let may_fail = column.nullable(&schema)? && !field.is_nullable();
            if may_fail {
                not_nulls.push(column.clone().is_not_null());
            }
            let value = cast(column, field.data_type(), &schema)?;
            let value = if may_fail { not_null(value, field.name()) } else { value };
            expressions.push(value.alias(field.name()));
        }
        let query = match conjunction(not_nulls) {
            Some(complete) if self.context.config.drop_nulls() => {
                LogicalPlan::Filter(Filter::try_new(complete, Arc::new(query))?)
            }
            _ => query,
        };
        Ok(LogicalPlan::Projection(Projection::try_new(expressions, Arc::new(query))?))
    }

    /// The job of some INSERTs; scans of one table are shared.
    ///
    /// # Errors
    /// User errors for what a stream cannot do.
    pub fn to_graph(&self, inserts: &[InsertPlan]) -> Result<JobGraph> {
        let sinks: Vec<SinkPlan> = inserts.iter().map(|insert| insert.sink.clone()).collect();
        lower(&self.context, &sinks)
    }

    /// The plans of INSERTs as text: as written, after the rules, and as it runs.
    ///
    /// # Errors
    /// As [`Planner::to_graph`].
    pub fn explain(&self, inserts: &[InsertPlan]) -> Result<String> {
        let graph = if self.context.streaming { Some(self.to_graph(inserts)?) } else { None };
        let bound: Vec<&LogicalPlan> = inserts.iter().map(|insert| &insert.bound).collect();
        let optimized: Vec<&LogicalPlan> = inserts.iter().map(|insert| &insert.sink.plan).collect();
        Ok(explain::text(&bound, &optimized, graph.as_ref()))
    }

    /// The plans of a query as text.
    ///
    /// # Errors
    /// User errors for what a stream cannot do.
    pub fn explain_query(&self, query: &QueryPlan) -> Result<String> {
        let insert = InsertPlan {
            bound: query.bound.clone(),
            sink: SinkPlan {
                table: "*anonymous_collect*".into(),
                sink: Arc::new(explain::Collect),
                primary_key: vec![],
                on_conflict: OnConflict::default(),
                plan: query.logical.clone(),
            },
        };
        self.explain(&[insert])
    }

    /// The session as the planner sees it.
    pub fn context(&self) -> &PlanContext<'a> {
        &self.context
    }

    /// Names for columns, each once, as Flink gives them.
    pub fn unique_names(names: impl IntoIterator<Item = String>) -> Vec<String> {
        unique_names(names)
    }
}
