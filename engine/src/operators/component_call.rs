//! Component calls: scalar functions of components, each a stage of its own, so that a row that fails is named by its
//! own number and handled by the function's policy.
//!
//! The results stand behind the input's columns, in the order of the calls. A call with a selection (the branch of a
//! CASE, the right side of an AND) is sent the selected rows only; the others have NULL.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anabranch_host::{RowError, ScalarFunction};
use datafusion::arrow::array::{ArrayRef, BooleanArray, RecordBatch, UInt32Array, new_null_array};
use datafusion::arrow::compute::{filter_record_batch, take};
use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::physical_expr::PhysicalExpr;

use super::calc::{describe, evaluate, evaluate_filter};
use super::dead_letter::{describe_policies, push_dead_letters};
use super::{Operator, OperatorMetrics, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::ChangelogBatch;
use crate::error::Result;
use crate::functions::component::{BoundComponent, ComponentScalar, JobScope, OnError, host_error, row_failed};

/// The plan of calls that append their results to the input.
#[derive(Debug, Clone)]
pub struct ComponentCallSpec {
    pub calls: Vec<ComponentCall>,
    /// The input's columns, then one column per call.
    pub schema: SchemaRef,
}

/// One call of a component's scalar function. Made by [`ComponentCall::new`].
#[derive(Debug, Clone)]
pub struct ComponentCall {
    pub(super) function: BoundComponent,
    pub(super) arguments: Vec<Arc<dyn PhysicalExpr>>,
    pub(super) selection: Option<Arc<dyn PhysicalExpr>>,
    pub(super) result: FieldRef,
}

impl ComponentCall {
    /// Binds a call: `arguments` (of any types from which the function can be reached by implicit casts) and
    /// `selection` (boolean) are over `input`; the result's column is named `name`.
    ///
    /// # Errors
    /// User errors where no overload takes the arguments; function errors where the function refuses the binding.
    pub fn new(
        function: &ComponentScalar,
        arguments: Vec<Arc<dyn PhysicalExpr>>,
        selection: Option<Arc<dyn PhysicalExpr>>,
        name: &str,
        input: &SchemaRef,
        job: &JobScope,
    ) -> Result<Self> {
        let (function, arguments) = function.bind(arguments, input, job)?;
        let result = Arc::new(Field::new(name, function.result_type().clone(), true));
        Ok(ComponentCall { function, arguments, selection, result })
    }

    /// The function waits: the call is one of an [`AsyncCallSpec`](super::AsyncCallSpec).
    pub fn is_asynchronous(&self) -> bool {
        self.function.asynchronous().is_some()
    }

    /// The column that the call appends.
    pub fn result(&self) -> &FieldRef {
        &self.result
    }
}

impl ComponentCallSpec {
    pub fn new(calls: Vec<ComponentCall>, input: &SchemaRef) -> Self {
        let fields = input.fields().iter().chain(calls.iter().map(|call| &call.result)).cloned();
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        ComponentCallSpec { calls, schema }
    }
}

impl OperatorSpec for ComponentCallSpec {
    fn name(&self) -> &'static str {
        "ComponentCall"
    }

    fn describe(&self) -> String {
        let call = |call: &ComponentCall| {
            let arguments = call.arguments.iter().map(describe).collect::<Vec<_>>().join(", ");
            let selection = call.selection.as_ref().map_or(String::new(), |it| format!(" WHERE {}", describe(it)));
            let (name, granted) = (call.function.name(), call.function.describe_grants());
            format!("{name}({arguments}){granted}{selection} AS {}", call.result.name())
        };
        let calls = self.calls.iter().map(call).collect::<Vec<_>>().join(", ");
        format!("call=[{calls}]{}", describe_policies(self.functions()))
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn functions(&self) -> Vec<&BoundComponent> {
        self.calls.iter().map(|call| &call.function).collect()
    }

    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>> {
        let calls = self
            .calls
            .iter()
            .map(|call| {
                Ok(LiveCall { call: call.clone(), instance: call.function.scalar_instance(&subtask.cancelled)? })
            })
            .collect::<Result<_>>()?;
        Ok(Box::new(ComponentCalls { calls, schema: self.schema.clone(), metrics: subtask.metrics.clone() }))
    }
}

struct LiveCall {
    call: ComponentCall,
    instance: ScalarFunction,
}

struct ComponentCalls {
    calls: Vec<LiveCall>,
    schema: SchemaRef,
    metrics: Arc<OperatorMetrics>,
}

/// What a call gave for a batch.
struct Called {
    column: ArrayRef,
    /// What the function was given, for the selected rows.
    arguments: Vec<ArrayRef>,
    /// Selected rows that failed, under a policy that goes on.
    errors: Vec<RowError>,
    /// The same as rows of the batch.
    failed: Vec<u32>,
}

impl LiveCall {
    fn call(&mut self, batch: &RecordBatch) -> Result<Called> {
        let selected = match &self.call.selection {
            None => None,
            Some(selection) => {
                let mask = evaluate_filter(selection, batch)?;
                match mask.true_count() {
                    0 => {
                        let column = new_null_array(self.call.result.data_type(), batch.num_rows());
                        return Ok(Called { column, arguments: vec![], errors: vec![], failed: vec![] });
                    }
                    all if all == batch.num_rows() => None,
                    _ => Some(mask),
                }
            }
        };
        // The arguments are computed for the selected rows only: for the others they may have no value.
        let input = match &selected {
            None => batch.clone(),
            Some(mask) => filter_record_batch(batch, mask)?,
        };
        let rows = input.num_rows();
        let arguments = self.call.arguments.iter().map(|it| evaluate(it, &input)).collect::<Result<Vec<_>>>()?;
        let output = self.instance.call(&arguments, rows).map_err(host_error)?;
        if let (Some(error), OnError::Fail) = (output.errors.first(), self.call.function.on_error()) {
            return Err(row_failed(self.call.function.name(), error, &arguments));
        }
        let Some(mask) = selected else {
            let failed = output.errors.iter().map(|error| error.row).collect();
            return Ok(Called { column: output.array, arguments, errors: output.errors, failed });
        };
        let numbers: Vec<u32> = mask.values().set_indices().map(|row| row as u32).collect();
        let mut places: Vec<Option<u32>> = vec![None; batch.num_rows()];
        for (place, &row) in numbers.iter().enumerate() {
            places[row as usize] = Some(place as u32);
        }
        let column = take(&output.array, &UInt32Array::from(places), None)?;
        let failed = output.errors.iter().map(|error| numbers[error.row as usize]).collect();
        Ok(Called { column, arguments, errors: output.errors, failed })
    }
}

impl Operator for ComponentCalls {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, now: Timestamp, out: &mut Output) -> Result<Step> {
        let mut columns = batch.rows().columns().to_vec();
        let mut skipped: Vec<bool> = vec![];
        for live in &mut self.calls {
            let called = live.call(batch.rows())?;
            columns.push(called.column.clone());
            if called.failed.is_empty() {
                continue;
            }
            self.metrics.function_errors.fetch_add(called.failed.len() as u64, Ordering::Relaxed);
            let Called { arguments, errors, failed, .. } = &called;
            push_dead_letters(&live.call.function, errors, arguments, &batch, failed, now, out)?;
            if matches!(live.call.function.on_error(), OnError::Skip | OnError::DeadLetter) {
                skipped.resize(batch.num_rows(), false);
                for row in called.failed {
                    skipped[row as usize] = true;
                }
            }
        }
        let called = batch.with_rows(RecordBatch::try_new(self.schema.clone(), columns)?)?;
        if skipped.is_empty() {
            out.push(called);
        } else {
            let kept: BooleanArray = skipped.into_iter().map(|skipped| Some(!skipped)).collect();
            out.push(called.filter(&kept)?);
        }
        Ok(Step::Done)
    }
}
