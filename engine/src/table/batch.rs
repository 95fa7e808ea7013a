//! Queries in batch mode: on a thread of their own, with their rows handed out as they come.

use std::sync::OnceLock;

use datafusion::sql::sqlparser::ast;
use futures::StreamExt;
use futures::channel::oneshot;
use tokio::runtime::{Builder, Handle, Runtime};

use super::execute::collecting;
use super::result::{BatchJob, Job, TableResult};
use super::session::Session;
use super::stack::STACK;
use crate::error::{Error, Result};
use crate::plan::{InsertPlan, Planner, SinkPlan};
use crate::runtime::JobSummary;

/// The threads that batch sinks and sources do their input and output on. Not the caller's: work that waits for them may
/// be on one of those.
fn io() -> Result<Handle> {
    static IO: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let build = || Builder::new_multi_thread().worker_threads(2).thread_name("anabranch-batch-io").enable_all().build();
    match IO.get_or_init(build) {
        Ok(runtime) => Ok(runtime.handle().clone()),
        Err(error) => Err(Error::connector(format!("the threads for input and output cannot be started: {error}"))),
    }
}

/// Runs INSERTs to their ends, or until `interrupted` comes.
pub(super) fn run(
    planner: &Planner,
    inserts: &[InsertPlan],
    interrupted: impl Future<Output = ()> + Send + 'static,
) -> Result<JobSummary> {
    let sinks: Vec<SinkPlan> = inserts.iter().map(|insert| insert.sink.clone()).collect();
    crate::plan::batch::run(planner.context(), &sinks, &io()?, interrupted)
}

/// Plans a query, starts it and returns. The rows are followed by the query's error if it has one.
pub(super) fn query(session: &Session, query: &ast::Query) -> Result<TableResult> {
    let interrupted = session.interrupt.next();
    let (session, query) = (session.clone(), query.clone());
    let (planned, plan) = oneshot::channel();
    let (ended, end) = oneshot::channel();
    let job = BatchJob::default();
    let running = job.clone();
    let work = move || {
        let planner = session.planner();
        let started = planner.query(&query).and_then(|plan| {
            let (insert, rows, sink) = collecting(&planner, &plan)?;
            Ok((insert, sink, TableParts { rows, schema: plan.schema, mode: plan.changelog_mode }))
        });
        match started {
            // Where nobody listens any more, nothing is left to be done.
            Err(error) => drop(planned.send(Err(error))),
            Ok((insert, sink, parts)) => {
                if planned.send(Ok(parts)).is_ok() {
                    let outcome = run(&planner, &[insert], interrupted).map(|summary| running.end(summary));
                    // Ends the rows even where no writer was ever made.
                    sink.interrupt();
                    let _ = ended.send(outcome);
                }
            }
        }
    };
    std::thread::Builder::new()
        .name("anabranch-batch".into())
        .stack_size(STACK)
        .spawn(work)
        .map_err(|error| Error::connector(format!("a thread for the query cannot be started: {error}")))?;
    let TableParts { rows, schema, mode } =
        futures::executor::block_on(plan).map_err(|_| Error::bug("planning panicked"))??;
    let end = async move {
        match end.await {
            Ok(outcome) => outcome.err().map(Err),
            Err(_) => Some(Err(Error::bug("the query panicked"))),
        }
    };
    let rows = rows.map(Ok).chain(futures::stream::once(end).filter_map(|end| async { end }));
    Ok(TableResult::query(Job::Batch(job), rows.boxed(), schema, mode))
}

struct TableParts {
    rows: crate::runtime::Collected,
    schema: datafusion::arrow::datatypes::SchemaRef,
    mode: crate::changelog::ChangelogMode,
}
