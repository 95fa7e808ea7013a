//! A bounded source inside a batch plan: all of its splits, read by one reader.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result as DataFusionResult;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::TableScan;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};

use super::operator::bounded;
use crate::changelog::ChangelogMode;
use crate::connectors::{ReaderContext, ReaderEvent};
use crate::error::{Error, Result};
use crate::plan::context::PlanContext;
use crate::plan::lower::source_spec;
use crate::plan::scan::ScanTable;
use crate::runtime::SourceSpec;

/// Batches that wait for the plan, at most.
const BATCHES: usize = 4;

#[derive(Debug)]
pub struct SourceExec {
    spec: Arc<SourceSpec>,
    /// The columns of the spec that are read, in order.
    columns: Vec<usize>,
    schema: SchemaRef,
    batch_size: usize,
    /// Rows that were read.
    rows: Arc<AtomicU64>,
    properties: Arc<PlanProperties>,
}

impl SourceExec {
    /// `rows` counts what is read.
    ///
    /// # Errors
    /// User errors: the source does not end, or is one of changes.
    pub fn new(context: &PlanContext, table: &ScanTable, scan: &TableScan, rows: Arc<AtomicU64>) -> Result<Self> {
        let name = &table.table.name;
        if !table.source.is_bounded() {
            return Err(Error::user(format!("table '{name}' does not end, which batch mode needs"))
                .hint("bound its source, or SET 'execution.runtime-mode' = 'streaming'"));
        }
        if table.source.changelog_mode() != ChangelogMode::AppendOnly {
            return Err(Error::user(format!("table '{name}' is one of changes, which batch mode cannot read")));
        }
        let wanted = scan.projection.clone().unwrap_or_else(|| (0..table.schema.fields().len()).collect());
        let spec = source_spec(context, table, wanted.iter().copied().collect())?;
        let columns = wanted.iter().map(|index| Ok(spec.schema.index_of(table.schema.field(*index).name())?));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let schema: SchemaRef =
            Arc::new(Schema::new(columns.iter().map(|at| spec.schema.fields()[*at].clone()).collect::<Vec<_>>()));
        let properties = bounded(schema.clone());
        let batch_size = context.config.batch_size();
        Ok(SourceExec { spec: Arc::new(spec), columns, schema, batch_size, rows, properties })
    }
}

impl DisplayAs for SourceExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        let fields = self.schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ");
        write!(f, "TableSourceScan(table=[{}], fields=[{fields}])", self.spec.table)
    }
}

impl ExecutionPlan for SourceExec {
    fn name(&self) -> &str {
        "TableSourceScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DataFusionResult<TreeNodeRecursion>,
    ) -> DataFusionResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        _children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, _partition: usize, _context: Arc<TaskContext>) -> DataFusionResult<SendableRecordBatchStream> {
        let mut builder = RecordBatchReceiverStream::builder(self.schema.clone(), BATCHES);
        let sender = builder.tx();
        let (spec, columns, schema, batch_size) =
            (self.spec.clone(), self.columns.clone(), self.schema.clone(), self.batch_size);
        let rows = self.rows.clone();
        // Readers may block.
        builder.spawn_blocking(move || {
            read(&spec, &columns, &schema, batch_size, |batch| {
                rows.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
                sender.blocking_send(Ok(batch)).is_ok()
            })?;
            Ok(())
        });
        Ok(builder.build())
    }
}

/// Reads all splits, until `give` says that nobody listens any more.
fn read(
    spec: &SourceSpec,
    columns: &[usize],
    schema: &SchemaRef,
    batch_size: usize,
    mut give: impl FnMut(RecordBatch) -> bool,
) -> Result<()> {
    let mut enumerator = spec.source.enumerator(1)?;
    let context = ReaderContext { subtask: 0, parallelism: 1, batch_size, buffer_timeout: Duration::from_millis(100) };
    let mut reader = spec.source.reader(&context)?;
    loop {
        let splits = enumerator.discover()?;
        let found = !splits.is_empty();
        for split in splits {
            reader.add_split(split)?;
        }
        loop {
            match reader.poll()? {
                ReaderEvent::Batch { batch, .. } => {
                    let (rows, _) = batch.into_parts();
                    if !give(project(spec, columns, schema, &rows)?) {
                        return Ok(());
                    }
                }
                ReaderEvent::Finished { .. } | ReaderEvent::Idle => {}
                ReaderEvent::Exhausted => break,
            }
        }
        if !found && enumerator.interval().is_none() {
            return Ok(());
        }
    }
}

fn project(spec: &SourceSpec, columns: &[usize], schema: &SchemaRef, rows: &RecordBatch) -> Result<RecordBatch> {
    let arrays: Vec<ArrayRef> = match &spec.projection {
        None => columns.iter().map(|at| rows.column(*at).clone()).collect(),
        Some(expressions) => columns
            .iter()
            .map(|at| Ok(expressions[*at].evaluate(rows)?.into_array(rows.num_rows())?))
            .collect::<Result<_>>()?,
    };
    let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), arrays, &options)?)
}
