//! A streaming operator inside a batch plan: it is driven through its input and then ended.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result as DataFusionResult;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, execute_stream};
use futures::{StreamExt, stream};

use crate::changelog::ChangelogBatch;
use crate::error::Error;
use crate::functions::component::JobScope;
use crate::operators::{MAX_WATERMARK, Operator, OperatorSpec, Output, Step, Subtask, Waker};
use crate::runtime::{Clock, SystemClock};
use crate::state::DEFAULT_MAX_PARALLELISM;

/// An operator without keys over rows that are all inserts.
#[derive(Debug)]
pub struct OperatorExec {
    spec: Arc<dyn OperatorSpec>,
    input: Arc<dyn ExecutionPlan>,
    time_zone: Arc<str>,
    batch_size: usize,
    dead_letters: DeadLetterBox,
    properties: Arc<PlanProperties>,
}

/// Rows whose functions failed, with the tables that they go to, until who writes the result takes them.
#[derive(Debug, Clone, Default)]
pub struct DeadLetterBox(Arc<Mutex<Vec<(Arc<str>, RecordBatch)>>>);

impl DeadLetterBox {
    fn put(&self, table: Arc<str>, rows: RecordBatch) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((table, rows));
    }

    pub fn take(&self) -> Vec<(Arc<str>, RecordBatch)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl OperatorExec {
    pub fn new(
        spec: Arc<dyn OperatorSpec>,
        input: Arc<dyn ExecutionPlan>,
        time_zone: Arc<str>,
        batch_size: usize,
        dead_letters: DeadLetterBox,
    ) -> Self {
        let properties = bounded(spec.schema());
        OperatorExec { spec, input, time_zone, batch_size, dead_letters, properties }
    }
}

/// Properties of one partition that ends.
pub fn bounded(schema: SchemaRef) -> Arc<PlanProperties> {
    let equivalences = EquivalenceProperties::new(schema);
    let partitioning = Partitioning::UnknownPartitioning(1);
    Arc::new(PlanProperties::new(equivalences, partitioning, EmissionType::Incremental, Boundedness::Bounded))
}

impl DisplayAs for OperatorExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}({})", self.spec.name(), self.spec.describe())
    }
}

impl ExecutionPlan for OperatorExec {
    fn name(&self) -> &str {
        self.spec.name()
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DataFusionResult<TreeNodeRecursion>,
    ) -> DataFusionResult<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> DataFusionResult<Arc<dyn ExecutionPlan>> {
        let input = children.pop().ok_or_else(|| Error::bug("an operator without an input"))?;
        let (zone, dead_letters) = (self.time_zone.clone(), self.dead_letters.clone());
        Ok(Arc::new(OperatorExec::new(self.spec.clone(), input, zone, self.batch_size, dead_letters)))
    }

    fn execute(&self, _partition: usize, context: Arc<TaskContext>) -> DataFusionResult<SendableRecordBatchStream> {
        let subtask = Subtask {
            index: 0,
            parallelism: 1,
            max_parallelism: DEFAULT_MAX_PARALLELISM,
            batch_size: self.batch_size,
            mini_batch_size: self.batch_size,
            time_zone: self.time_zone.clone(),
            metrics: Arc::default(),
            cancelled: JobScope::of(context.session_config().options()).cancelled().clone(),
            waker: Waker::default(),
        };
        let driver = Driver {
            operator: self.spec.create(&subtask)?,
            // All of its partitions: a union has one for each of its inputs.
            input: execute_stream(self.input.clone(), context)?,
            output: Output::new(self.batch_size),
            dead_letters: self.dead_letters.clone(),
            state: State::Reading,
        };
        let batches =
            stream::try_unfold(
                driver,
                |mut driver| async move { Ok(driver.next().await?.map(|batch| (batch, driver))) },
            );
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.spec.schema(), batches)))
    }
}

struct Driver {
    operator: Box<dyn Operator>,
    input: SendableRecordBatchStream,
    output: Output,
    dead_letters: DeadLetterBox,
    state: State,
}

enum State {
    Reading,
    /// The operator has more to say of what it was given; behind it comes this.
    Resuming(After),
    Ended,
}

#[derive(Clone, Copy)]
enum After {
    Reading,
    Watermark,
    Finish,
}

impl Driver {
    async fn next(&mut self) -> DataFusionResult<Option<RecordBatch>> {
        loop {
            while let Some((table, rows)) = self.output.pop_dead_letters() {
                self.dead_letters.put(table, rows);
            }
            // Nothing here asks for watermarks.
            let _ = self.output.pop_watermark();
            if let Some(batch) = self.output.pop() {
                return Ok(Some(batch.into_parts().0));
            }
            let (step, after) = match self.state {
                State::Ended => return Ok(None),
                State::Resuming(after) => (self.operator.resume(&mut self.output)?, after),
                State::Reading => match self.input.next().await {
                    Some(batch) => {
                        let batch = ChangelogBatch::inserts(batch?);
                        (self.operator.process(0, batch, SystemClock.now(), &mut self.output)?, After::Reading)
                    }
                    None => (self.operator.watermark(MAX_WATERMARK, 0, &mut self.output)?, After::Watermark),
                },
            };
            self.state = match (step, after) {
                (Step::More, after) => State::Resuming(after),
                (Step::Done, After::Reading) => State::Reading,
                (Step::Done, After::Watermark) => match self.operator.finish(&mut self.output)? {
                    Step::More => State::Resuming(After::Finish),
                    Step::Done => State::Ended,
                },
                (Step::Done, After::Finish) => State::Ended,
            };
        }
    }
}
