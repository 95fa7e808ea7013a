//! From planned statements to running jobs.

use std::pin::pin;

use datafusion::sql::sqlparser::ast;
use futures::StreamExt;
use futures::future::{Either, select};

use super::batch;
use super::result::{BatchJob, Job, JobRows, TableResult};
use super::session::Session;
use super::stack::with_deep_stack;
use crate::config::{Config, RuntimeMode};
use crate::error::Result;
use crate::plan::catalog::{CatalogTable, Column, ColumnKind, Connection};
use crate::plan::{InsertPlan, Planner, QueryPlan};
use crate::runtime::{self, Collected, JobGraph, RuntimeConfig};
use crate::sql::statement::{Explained, Insert};
use crate::types::SqlType;

/// Batches of a query's result that wait for who reads them.
const RESULT_BATCHES: usize = 16;

/// A job that has been planned and not started.
#[derive(Debug, Clone)]
pub struct CompiledJob {
    pub graph: JobGraph,
    /// As the session's options have it.
    pub config: RuntimeConfig,
}

impl CompiledJob {
    /// Starts the job.
    ///
    /// # Errors
    /// As [`runtime::execute`].
    pub fn execute(self) -> Result<runtime::JobHandle> {
        runtime::execute(self.graph, self.config)
    }
}

/// What the runtime is told of the session.
pub fn runtime_config(config: &Config) -> RuntimeConfig {
    RuntimeConfig {
        batch_size: config.batch_size(),
        buffer_timeout: config.buffer_timeout(),
        mini_batch_size: config.mini_batch_size(),
        max_parallelism: config.max_parallelism(),
        time_zone: config.time_zone().clone(),
        ..RuntimeConfig::default()
    }
}

/// Runs a query; its rows come by the result.
pub(super) fn query(session: &Session, query: &ast::Query) -> Result<TableResult> {
    if session.config.runtime_mode() == RuntimeMode::Batch {
        return batch::query(session, query);
    }
    let (job, rows, plan) = with_deep_stack(|| {
        let planner = session.planner();
        let plan = planner.query(query)?;
        let (insert, rows, _) = collecting(&planner, &plan)?;
        let job = CompiledJob { graph: planner.to_graph(&[insert])?, config: runtime_config(&session.config) };
        Ok((job, rows, plan))
    })?;
    let job = job.execute()?;
    let rows = JobRows { rows, job: job.clone(), ended: false, end: None };
    Ok(TableResult::query(Job::Stream(job), rows.boxed(), plan.schema, plan.changelog_mode))
}

/// A query's plan with a sink that hands its rows out, and the other end of that sink.
pub(super) fn collecting(
    planner: &Planner,
    plan: &QueryPlan,
) -> Result<(InsertPlan, Collected, std::sync::Arc<dyn crate::connectors::Sink>)> {
    let (sink, rows) = runtime::collect(plan.changelog_mode, RESULT_BATCHES);
    let columns = plan.schema.fields().iter().map(|field| Column {
        name: field.name().clone(),
        kind: ColumnKind::Physical(SqlType { nullable: field.is_nullable(), ..SqlType::of(field.data_type()) }),
        comment: None,
        position: None,
    });
    let table = CatalogTable {
        name: "*anonymous_collect*".into(),
        columns: columns.collect(),
        watermark: None,
        primary_key: vec![],
        partition_keys: vec![],
        comment: None,
        connection: Connection::Sink(sink.clone()),
        position: None,
    };
    Ok((planner.insert_into(&table, plan)?, rows, sink))
}

fn plans(planner: &Planner, inserts: &[Insert]) -> Result<Vec<InsertPlan>> {
    let plan = |insert: &Insert| planner.insert(&insert.table, &insert.columns, &insert.query, insert.on_conflict);
    inserts.iter().map(plan).collect()
}

/// Plans INSERTs as one job.
pub(super) fn compile(session: &Session, inserts: &[Insert]) -> Result<CompiledJob> {
    let graph = with_deep_stack(|| {
        let planner = session.planner();
        planner.to_graph(&plans(&planner, inserts)?)
    })?;
    Ok(CompiledJob { graph, config: runtime_config(&session.config) })
}

/// Runs INSERTs as one job; in batch mode, to their ends.
pub(super) fn inserts(session: &Session, inserts: &[Insert]) -> Result<TableResult> {
    if session.config.runtime_mode() == RuntimeMode::Batch {
        let interrupted = session.interrupt.next();
        let summary = with_deep_stack(|| {
            let planner = session.planner();
            batch::run(&planner, &plans(&planner, inserts)?, interrupted)
        })?;
        return Ok(TableResult::of_batch(BatchJob::ended(summary)));
    }
    let interrupted = session.interrupt.next();
    let job = compile(session, inserts)?.execute()?;
    if session.config.dml_sync() {
        futures::executor::block_on(async {
            let (mut finished, interrupted) = (pin!(job.finished()), pin!(interrupted));
            match select(finished.as_mut(), interrupted).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => {
                    job.stop();
                    finished.await
                }
            }
        })?;
    }
    Ok(TableResult::job(job))
}

/// EXPLAIN.
pub(super) fn explain(session: &Session, explained: &Explained) -> Result<TableResult> {
    TableResult::text("result", explain_text(session, explained)?)
}

/// The plans as text.
pub(super) fn explain_text(session: &Session, explained: &Explained) -> Result<String> {
    with_deep_stack(|| {
        let planner = session.planner();
        match explained {
            Explained::Query(query) => planner.explain_query(&planner.query(query)?),
            Explained::Insert(insert) => planner.explain(&plans(&planner, std::slice::from_ref(insert))?),
            Explained::StatementSet(inserts) => planner.explain(&plans(&planner, inserts)?),
        }
    })
}
