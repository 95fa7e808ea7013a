//! LATERAL TABLE(f(x)): each row with the rows that a table function gives for it.
//!
//! ```text
//! SELECT line, word FROM lines, LATERAL TABLE(split(line)) AS t(word)
//!   +I "a b"     +I "a b" a,  +I "a b" b
//!   +I ""        (nothing; with LEFT JOIN: +I "" NULL)
//! ```
//!
//! The function's output is fetched in chunks, one output batch each, so an expansion is never held.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anabranch_host::{RowError, TableChunk, TableFunction};
use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array, new_empty_array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::physical_expr::PhysicalExpr;

use super::calc::{describe, evaluate};
use super::dead_letter::{describe_policies, push_dead_letters};
use super::{Operator, OperatorMetrics, OperatorSpec, Output, Step, Subtask, Timestamp};
use crate::changelog::ChangelogBatch;
use crate::error::{Error, Result};
use crate::functions::component::{BoundComponent, ComponentTable, JobScope, OnError, host_error, row_failed};

/// What becomes of a row for which the function gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateralJoin {
    /// It is dropped.
    Inner,
    /// It is kept, with NULLs for the function's columns.
    Left,
}

/// The plan of a lateral table function. Made by [`LateralSpec::new`].
#[derive(Debug, Clone)]
pub struct LateralSpec {
    function: BoundComponent,
    arguments: Vec<Arc<dyn PhysicalExpr>>,
    join: LateralJoin,
    /// The input's columns, then the function's.
    schema: SchemaRef,
}

impl LateralSpec {
    /// Binds a call: `arguments` are over `input`; `names` are those of the function's columns in the output, where
    /// the query renames them.
    ///
    /// # Errors
    /// User errors where no overload takes the arguments or `names` are not as many as the function's columns; function
    /// errors where the function refuses the binding.
    pub fn new(
        function: &ComponentTable,
        arguments: Vec<Arc<dyn PhysicalExpr>>,
        join: LateralJoin,
        names: Option<&[String]>,
        input: &SchemaRef,
        job: &JobScope,
    ) -> Result<Self> {
        let (function, arguments) = function.bind(arguments, input, job)?;
        let columns = function.table_columns()?;
        if let Some(names) = names
            && names.len() != columns.len()
        {
            return Err(Error::user(format!(
                "table function '{}' has {} columns, and {} names are given",
                function.name(),
                columns.len(),
                names.len()
            )));
        }
        let columns = columns.iter().enumerate().map(|(index, column)| {
            let name = names.map_or(column.name(), |names| &names[index]);
            Arc::new(Field::new(name, column.data_type().clone(), true))
        });
        let schema = Arc::new(Schema::new(input.fields().iter().cloned().chain(columns).collect::<Vec<_>>()));
        Ok(LateralSpec { function, arguments, join, schema })
    }
}

impl OperatorSpec for LateralSpec {
    fn name(&self) -> &'static str {
        "Correlate"
    }

    fn describe(&self) -> String {
        let arguments = self.arguments.iter().map(describe).collect::<Vec<_>>().join(", ");
        let join = match self.join {
            LateralJoin::Inner => "INNER",
            LateralJoin::Left => "LEFT",
        };
        let granted = self.function.describe_grants();
        let policy = describe_policies([&self.function]);
        format!("invocation=[{}({arguments}){granted}], joinType=[{join}]{policy}", self.function.name())
    }

    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn functions(&self) -> Vec<&BoundComponent> {
        vec![&self.function]
    }

    fn create(&self, subtask: &Subtask) -> Result<Box<dyn Operator>> {
        Ok(Box::new(Lateral {
            instance: self.function.table_instance(&subtask.cancelled)?,
            spec: self.clone(),
            batch_size: subtask.batch_size,
            metrics: subtask.metrics.clone(),
            current: None,
        }))
    }
}

struct Lateral {
    spec: LateralSpec,
    instance: TableFunction,
    batch_size: usize,
    metrics: Arc<OperatorMetrics>,
    current: Option<Current>,
}

/// The batch that is being expanded.
struct Current {
    batch: ChangelogBatch,
    arguments: Vec<ArrayRef>,
    /// When it came.
    now: Timestamp,
    /// For a left join: input rows before this one have been given.
    given: usize,
    /// For a left join under the policies `skip` and `dead-letter`: rows that failed are dropped, not padded.
    skipped: HashSet<u32>,
}

impl Lateral {
    /// The rows of one chunk. For a left join, input rows without output that stand before or between the chunk's rows
    /// are put in their places, padded with NULLs.
    fn join(&self, current: &mut Current, chunk: TableChunk) -> Result<ChangelogBatch> {
        if self.spec.join == LateralJoin::Inner {
            return self.output(&current.batch, &chunk.rows, chunk.columns);
        }
        let mut rows = Vec::with_capacity(chunk.rows.len());
        let mut places: Vec<Option<u32>> = Vec::with_capacity(chunk.rows.len());
        for (place, &row) in chunk.rows.values().iter().enumerate() {
            current.pad_up_to(row as usize, &mut rows, &mut places);
            current.given = row as usize + 1;
            rows.push(row);
            places.push(Some(place as u32));
        }
        self.padded(&current.batch, rows, places, &chunk.columns)
    }

    fn padded(
        &self,
        batch: &ChangelogBatch,
        rows: Vec<u32>,
        places: Vec<Option<u32>>,
        columns: &[ArrayRef],
    ) -> Result<ChangelogBatch> {
        let places = UInt32Array::from(places);
        let columns = columns.iter().map(|column| Ok(take(column, &places, None)?)).collect::<Result<Vec<_>>>()?;
        self.output(batch, &UInt32Array::from(rows), columns)
    }

    fn output(&self, batch: &ChangelogBatch, rows: &UInt32Array, columns: Vec<ArrayRef>) -> Result<ChangelogBatch> {
        let taken = batch.take(rows)?;
        let joined = taken.rows().columns().iter().cloned().chain(columns).collect();
        taken.with_rows(RecordBatch::try_new(self.spec.schema.clone(), joined)?)
    }

    /// What is left of a left join when the function has given all: input rows without output at the end.
    fn rest(&self, current: &mut Current) -> Result<Option<ChangelogBatch>> {
        if self.spec.join == LateralJoin::Inner {
            return Ok(None);
        }
        let (mut rows, mut places) = (vec![], vec![]);
        current.pad_up_to(current.batch.num_rows(), &mut rows, &mut places);
        let inputs = current.batch.rows().num_columns();
        let empty: Vec<ArrayRef> =
            self.spec.schema.fields()[inputs..].iter().map(|field| new_empty_array(field.data_type())).collect();
        self.padded(&current.batch, rows, places, &empty).map(Some)
    }

    fn settle(&self, current: &mut Current, errors: &[RowError], out: &mut Output) -> Result<()> {
        let Some(first) = errors.first() else { return Ok(()) };
        match self.spec.function.on_error() {
            OnError::Fail => return Err(row_failed(self.spec.function.name(), first, &current.arguments)),
            OnError::Null => {}
            OnError::Skip | OnError::DeadLetter => current.skipped.extend(errors.iter().map(|error| error.row)),
        }
        self.metrics.function_errors.fetch_add(errors.len() as u64, Ordering::Relaxed);
        let rows: Vec<u32> = errors.iter().map(|error| error.row).collect();
        let Current { batch, arguments, now, .. } = current;
        push_dead_letters(&self.spec.function, errors, arguments, batch, &rows, *now, out)
    }
}

impl Current {
    /// Input rows that gave nothing, up to `end`.
    fn pad_up_to(&mut self, end: usize, rows: &mut Vec<u32>, places: &mut Vec<Option<u32>>) {
        for row in self.given..end {
            if !self.skipped.contains(&(row as u32)) {
                rows.push(row as u32);
                places.push(None);
            }
        }
        self.given = self.given.max(end);
    }
}

impl Operator for Lateral {
    fn process(&mut self, _input: usize, batch: ChangelogBatch, now: Timestamp, out: &mut Output) -> Result<Step> {
        let arguments =
            self.spec.arguments.iter().map(|argument| evaluate(argument, batch.rows())).collect::<Result<Vec<_>>>()?;
        self.instance.begin(&arguments, batch.num_rows()).map_err(host_error)?;
        self.current = Some(Current { batch, arguments, now, given: 0, skipped: HashSet::new() });
        self.resume(out)
    }

    fn resume(&mut self, out: &mut Output) -> Result<Step> {
        let Some(mut current) = self.current.take() else { return Ok(Step::Done) };
        while let Some(mut chunk) = self.instance.next(self.batch_size).map_err(host_error)? {
            let errors = std::mem::take(&mut chunk.errors);
            self.settle(&mut current, &errors, out)?;
            out.push(self.join(&mut current, chunk)?);
            if out.is_full() {
                self.current = Some(current);
                return Ok(Step::More);
            }
        }
        if let Some(rest) = self.rest(&mut current)? {
            out.push(rest);
        }
        Ok(Step::Done)
    }
}
