//! Batch mode: a streaming plan's logical plan on DataFusion's batch engine, with the same sources, functions and sinks.
//! The result has final rows only.
//!
//! DataFusion's own logical rules are left out: the plan has been through ours, and types are settled.

mod aggregate;
mod dead_letter;
mod metrics;
mod operator;
mod source;
mod stage;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result as DataFusionResult;
use datafusion::execution::context::SessionState;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, LogicalPlan, TableScan, UserDefinedLogicalNode, lit};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};
use datafusion::prelude::SessionConfig;
use futures::{FutureExt, StreamExt};

use super::bind::unique_names;
use super::context::PlanContext;
use super::guard::{guard, with_guards};
use super::lower::{SinkPlan, StageCall, component_of};
use super::nodes::{Lateral, WindowAssign};
use super::scan::scan_table;
use crate::changelog::{ChangelogBatch, with_schema};
use crate::connectors::WriterContext;
use crate::error::{Error, Result};
use crate::functions::component::JobScope;
use crate::functions::udaf::EngineAggregate;
use crate::operators::{
    AsyncCallSpec, ComponentCall, ComponentCallSpec, LateralSpec, OperatorSpec, WindowAssignSpec, WindowTime,
};
use crate::runtime::{JobEnding, JobMetrics, JobSummary, batch_function_metrics};
use aggregate::AggregateStage;
use dead_letter::DeadLetterWriters;
use metrics::Counters;
use operator::{DeadLetterBox, OperatorExec};
use source::SourceExec;
use stage::{CallStage, with_stages};

/// Runs a plan; its batches come as they are ready.
///
/// # Errors
/// User errors: a source that does not end; else those of planning. The stream fails as functions and sources do.
async fn execute(
    context: &PlanContext<'_>,
    plan: &LogicalPlan,
    dead_letters: &DeadLetterBox,
    counters: &mut Counters,
) -> Result<SendableRecordBatchStream> {
    let (physical, state) = physical_plan(context, plan, dead_letters, counters).await?;
    Ok(execute_stream(physical, Arc::new(TaskContext::from(&state)))?)
}

async fn physical_plan(
    context: &PlanContext<'_>,
    plan: &LogicalPlan,
    dead_letters: &DeadLetterBox,
    counters: &mut Counters,
) -> Result<(Arc<dyn ExecutionPlan>, SessionState)> {
    let mut config = SessionConfig::new()
        .with_target_partitions(1)
        .with_batch_size(context.config.batch_size())
        .with_information_schema(false);
    let options = config.options_mut();
    context.job.enter(options);
    // A column's nullability may be known better below than above.
    options.execution.skip_physical_aggregate_schema_check = true;
    // Expressions take the session's time zone from here, not from the options of the state.
    let mut properties = ExecutionProps::new();
    properties.config_options = Some(config.options().clone());
    let state =
        SessionStateBuilder::new().with_config(config).with_execution_props(properties).with_default_features().build();
    let plan = &with_guards(with_stages(&with_aggregates(plan, &context.job)?, &context.job)?)?;
    let scans = Scans::prepare(context, plan, counters)?;
    let nodes = Nodes {
        job: context.job.clone(),
        batch_size: context.config.batch_size(),
        scans,
        dead_letters: dead_letters.clone(),
    };
    let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(nodes)]);
    let physical = planner.create_physical_plan(plan, &state).await?;
    Ok((physical, state))
}

/// Aggregates as DataFusion wants them: each with an argument, so `COUNT(*)` becomes `COUNT(1)`, and ours in the
/// session's time zone, which it does not tell them.
fn with_aggregates(plan: &LogicalPlan, job: &JobScope) -> Result<LogicalPlan> {
    let plan = plan.clone().transform_up(|node| {
        node.map_expressions(|expression| {
            expression.transform_up(|expression| match expression {
                Expr::AggregateFunction(mut call) => {
                    if call.params.args.is_empty() {
                        call.params.args.push(lit(1i32));
                    }
                    if let Some(ours) = EngineAggregate::of(&call.func) {
                        call.func = Arc::new(ours.in_job(job));
                    }
                    Ok(Transformed::yes(Expr::AggregateFunction(call)))
                }
                other => Ok(Transformed::no(other)),
            })
        })
    })?;
    Ok(plan.data)
}

/// Runs some INSERTs to their ends, one after another, and commits each; until `cancelled` comes: then what the INSERT that
/// runs has written is taken back, and no further one is begun. What others have committed stays. Must not be called from
/// a task of `runtime`: writers may block.
///
/// # Errors
/// Those of [`execute`], of the query and of the sink. What a failed INSERT has written is taken back.
pub fn run(
    context: &PlanContext,
    sinks: &[SinkPlan],
    runtime: &tokio::runtime::Handle,
    cancelled: impl Future<Output = ()> + Send + 'static,
) -> Result<JobSummary> {
    let started = Instant::now();
    let mut counters = Counters::default();
    // On another thread: this one may be within a function that takes its whole time.
    let (tell, told) = tokio::sync::oneshot::channel();
    let job = context.job.clone();
    let watching = runtime.spawn(async move {
        cancelled.await;
        job.cancel();
        let _ = tell.send(());
    });
    let mut cancelled = std::pin::pin!(told.map(drop).fuse());
    let mut run_all = || -> Result<JobEnding> {
        for sink in sinks {
            match run_one(context, sink, runtime, &mut counters, cancelled.as_mut()) {
                Ok(JobEnding::Finished) => {}
                // A function that gave up has failed.
                Err(_) if context.job.cancelled().load(Ordering::Relaxed) => return Ok(JobEnding::Cancelled),
                ended => return ended,
            }
        }
        Ok(JobEnding::Finished)
    };
    let ending = run_all();
    watching.abort();
    let ending = ending?;
    let metrics = JobMetrics { nodes: counters.nodes(), functions: batch_function_metrics(&context.job) };
    Ok(JobSummary { metrics, elapsed: started.elapsed(), ending })
}

fn run_one(
    context: &PlanContext,
    sink: &SinkPlan,
    runtime: &tokio::runtime::Handle,
    counters: &mut Counters,
    mut cancelled: Pin<&mut impl Future<Output = ()>>,
) -> Result<JobEnding> {
    let mut writer = sink.sink.writer(&WriterContext { subtask: 0, parallelism: 1, runtime: runtime.clone() })?;
    let fields = sink.plan.schema().fields().clone();
    let names = unique_names(fields.iter().map(|field| field.name().clone()));
    let fields: Vec<FieldRef> = fields
        .iter()
        .zip(names)
        .map(|(field, name)| Arc::new(field.as_ref().clone().with_name(name)) as FieldRef)
        .collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let mut rows = 0;
    let letters = DeadLetterBox::default();
    let mut dead_letters = DeadLetterWriters::open(context, &sink.plan, runtime)?;
    let mut prepared: Option<String> = None;
    let mut write_all = || -> Result<JobEnding> {
        let mut stream = runtime.block_on(execute(context, &sink.plan, &letters, counters))?;
        loop {
            let next = runtime.block_on(async {
                tokio::select! {
                    biased;
                    () = cancelled.as_mut() => Err(()),
                    batch = stream.next() => Ok(batch),
                }
            });
            let Ok(next) = next else { return Ok(JobEnding::Cancelled) };
            let Some(batch) = next else { break };
            dead_letters.write(letters.take())?;
            let batch = batch?;
            if batch.num_rows() > 0 {
                rows += batch.num_rows() as u64;
                writer.write(ChangelogBatch::inserts(with_schema(&batch, &schema)?))?;
            }
        }
        dead_letters.write(letters.take())?;
        prepared = writer.prepare(1)?;
        dead_letters.prepare()?;
        if let Some(name) = &prepared {
            writer.commit(name)?;
        }
        // What is committed cannot be taken back.
        prepared = None;
        dead_letters.commit()?;
        Ok(JobEnding::Finished)
    };
    let ended = write_all();
    if matches!(ended, Ok(JobEnding::Finished)) {
        counters.written(&sink.table, rows);
        dead_letters.rows().for_each(|(table, rows)| counters.dead_letters(table, rows));
    } else {
        // The first error says more than what becomes of cleaning up after it.
        if prepared.is_some() {
            let _ = writer.abort(prepared.as_deref());
        }
        let _ = writer.abort(None);
        dead_letters.abort();
    }
    ended
}

/// Physical plans of the scans of a plan, made beforehand: making them needs the session.
struct Scans(Vec<Scan>);

struct Scan {
    /// The address of its table.
    table: usize,
    projection: Option<Vec<usize>>,
    exec: Arc<dyn ExecutionPlan>,
}

impl Scans {
    fn prepare(context: &PlanContext, plan: &LogicalPlan, counters: &mut Counters) -> Result<Self> {
        let mut scans = vec![];
        let mut plans = vec![plan];
        while let Some(plan) = plans.pop() {
            plans.extend(plan.inputs());
            let LogicalPlan::TableScan(scan) = plan else { continue };
            let table = scan_table(&scan.source)?;
            let exec: Arc<dyn ExecutionPlan> =
                Arc::new(SourceExec::new(context, table, scan, counters.read(&table.table.name))?);
            scans.push(Scan { table: std::ptr::from_ref(table) as usize, projection: scan.projection.clone(), exec });
        }
        Ok(Scans(scans))
    }

    fn find(&self, scan: &TableScan) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let table = std::ptr::from_ref(scan_table(&scan.source)?) as usize;
        let found = self.0.iter().find(|known| known.table == table && known.projection == scan.projection);
        Ok(found.map(|known| known.exec.clone()))
    }
}

/// Our nodes on the batch engine.
struct Nodes {
    job: JobScope,
    batch_size: usize,
    scans: Scans,
    dead_letters: DeadLetterBox,
}

impl Nodes {
    fn operator(&self, spec: Arc<dyn OperatorSpec>, input: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        let (zone, dead_letters) = (self.job.time_zone.clone(), self.dead_letters.clone());
        Arc::new(OperatorExec::new(spec, input, zone, self.batch_size, dead_letters))
    }
}

#[async_trait]
impl ExtensionPlanner for Nodes {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn datafusion::catalog::Session,
        planning_ctx: &PhysicalPlanningContext,
    ) -> DataFusionResult<Option<Arc<dyn ExecutionPlan>>> {
        let ([logical], [physical_input]) = (logical_inputs, physical_inputs) else { return Ok(None) };
        let input = physical_input.schema();
        let any: &dyn std::any::Any = node.as_any();
        let spec: Arc<dyn OperatorSpec> = if let Some(window) = any.downcast_ref::<WindowAssign>() {
            let time = match &window.time {
                None => WindowTime::Processing,
                Some(Expr::Column(column)) => WindowTime::Event { column: logical.schema().index_of_column(column)? },
                Some(other) => {
                    let error = Error::user(format!("a window wants a column for its time, and `{other}` is none"));
                    return Err(error.hint("compute it in a query below the window").into());
                }
            };
            let schema = behind(&input, node.schema());
            Arc::new(WindowAssignSpec { schema, input, window: window.window, time, drops_nulls: true })
        } else if let Some(stage) = any.downcast_ref::<AggregateStage>() {
            stage.spec.clone()
        } else if let Some(lateral) = any.downcast_ref::<Lateral>() {
            let arguments = lateral
                .arguments
                .iter()
                .map(|it| guard(it.clone(), logical.schema()))
                .map(|it| planner.create_physical_expr(&it?, logical.schema(), session, planning_ctx))
                .collect::<DataFusionResult<Vec<_>>>()?;
            let names = lateral.names();
            let join = lateral.join.into();
            Arc::new(LateralSpec::new(&lateral.function.0, arguments, join, Some(&names), &input, &self.job)?)
        } else if let Some(stage) = any.downcast_ref::<CallStage>() {
            let physical = |expression: &Expr| {
                let guarded = guard(expression.clone(), logical.schema())?;
                planner.create_physical_expr(&guarded, logical.schema(), session, planning_ctx)
            };
            let call = |made: &StageCall| -> DataFusionResult<ComponentCall> {
                let (Expr::ScalarFunction(call), Some(function)) = (&made.call, component_of(&made.call)) else {
                    return Err(Error::bug("a stage of something that is no call").into());
                };
                let arguments = call.args.iter().map(physical).collect::<DataFusionResult<Vec<_>>>()?;
                let selection = made.selection.as_ref().map(physical).transpose()?;
                Ok(ComponentCall::new(function, arguments, selection, &made.name, &input, &self.job)?)
            };
            let calls = stage.calls.iter().map(call).collect::<DataFusionResult<Vec<_>>>()?;
            let (asynchronous, calls): (Vec<_>, Vec<_>) = calls.into_iter().partition(ComponentCall::is_asynchronous);
            let (mut schema, mut exec) = (input, physical_input.clone());
            if !calls.is_empty() {
                let spec = ComponentCallSpec::new(calls, &schema);
                schema = spec.schema();
                exec = self.operator(Arc::new(spec), exec);
            }
            for call in asynchronous {
                let spec = AsyncCallSpec::new(call, &schema, false)?;
                schema = spec.schema();
                exec = self.operator(Arc::new(spec), exec);
            }
            return Ok(Some(exec));
        } else {
            return Ok(None);
        };
        Ok(Some(self.operator(spec, physical_input.clone())))
    }

    async fn plan_table_scan(
        &self,
        _planner: &dyn PhysicalPlanner,
        scan: &TableScan,
        _session: &dyn datafusion::catalog::Session,
        _planning_ctx: &PhysicalPlanningContext,
    ) -> DataFusionResult<Option<Arc<dyn ExecutionPlan>>> {
        Ok(self.scans.find(scan)?)
    }
}

/// The input's columns, then those that a node adds.
fn behind(input: &SchemaRef, node: &DFSchema) -> SchemaRef {
    let added = node.fields().iter().skip(input.fields().len());
    let added = added.map(|field| {
        Arc::new(Field::new(field.name(), DataType::clone(field.data_type()), field.is_nullable())) as FieldRef
    });
    Arc::new(Schema::new(input.fields().iter().cloned().chain(added).collect::<Vec<_>>()))
}
