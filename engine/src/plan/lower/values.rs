//! VALUES and SELECT without FROM: a source of rows that the plan itself holds.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::{cast, concat};
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::logical_expr::{EmptyRelation, Values};

use super::Lowering;
use super::stream::Stream;
use crate::changelog::ChangelogMode;
use crate::connectors::{ReaderContext, ReaderEvent, Source, SourceReader, Split, SplitEnumerator, inserts};
use crate::error::Result;
use crate::plan::context::PlanContext;
use crate::runtime::{Node, NodeKind, SourceSpec};

impl Lowering<'_> {
    pub(super) fn values(&mut self, values: &Values) -> Result<Stream> {
        let rows = evaluate(self.context, values)?;
        self.rows(rows)
    }

    pub(super) fn empty(&mut self, empty: &EmptyRelation) -> Result<Stream> {
        let schema = empty.schema.inner().clone();
        if !empty.produce_one_row {
            return self.rows(RecordBatch::new_empty(schema));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        self.rows(RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options)?)
    }

    fn rows(&mut self, rows: RecordBatch) -> Result<Stream> {
        let schema = rows.schema();
        let source = Arc::new(RowsSource { rows });
        let spec =
            SourceSpec { table: "VALUES".into(), source, projection: None, schema: schema.clone(), watermark: None };
        let changelog_mode = ChangelogMode::AppendOnly;
        let node = self.add(Node { kind: NodeKind::Source(spec), inputs: vec![], parallelism: 1, changelog_mode });
        Stream::of(node, &schema)
    }
}

/// The rows of VALUES.
///
/// # Errors
/// Those of computing the values.
fn evaluate(context: &PlanContext, values: &Values) -> Result<RecordBatch> {
    let schema: SchemaRef = values.schema.inner().clone();
    let empty = DFSchema::empty();
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let one_row = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options)?;
    let mut columns: Vec<ArrayRef> = vec![];
    for (index, field) in schema.fields().iter().enumerate() {
        let mut cells: Vec<ArrayRef> = vec![];
        for row in &values.values {
            let cell = context.physical(&row[index], &empty)?.evaluate(&one_row)?.into_array(1)?;
            cells.push(if cell.data_type() == field.data_type() { cell } else { cast(&cell, field.data_type())? });
        }
        columns.push(concat(&cells.iter().map(AsRef::as_ref).collect::<Vec<_>>())?);
    }
    Ok(RecordBatch::try_new(schema, columns)?)
}

/// A bounded source of one batch.
#[derive(Debug)]
pub struct RowsSource {
    pub rows: RecordBatch,
}

impl Source for RowsSource {
    fn is_bounded(&self) -> bool {
        true
    }

    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    fn enumerator(&self, _parallelism: usize) -> Result<Box<dyn SplitEnumerator>> {
        Ok(Box::new(OneSplit { found: self.rows.num_rows() == 0 }))
    }

    fn reader(&self, context: &ReaderContext) -> Result<Box<dyn SourceReader>> {
        Ok(Box::new(RowsReader { rows: self.rows.clone(), batch_size: context.batch_size.max(1), next: None }))
    }
}

const SPLIT: &str = "values";

struct OneSplit {
    found: bool,
}

impl SplitEnumerator for OneSplit {
    fn discover(&mut self) -> Result<Vec<Split>> {
        let first = !std::mem::replace(&mut self.found, true);
        Ok(first.then(|| Split { id: SPLIT.into(), position: String::new() }).into_iter().collect())
    }

    fn interval(&self) -> Option<Duration> {
        None
    }

    fn snapshot(&self) -> Vec<String> {
        if self.found { vec![SPLIT.into()] } else { vec![] }
    }

    fn restore(&mut self, snapshot: Vec<String>) -> Result<()> {
        self.found |= !snapshot.is_empty();
        Ok(())
    }
}

struct RowsReader {
    rows: RecordBatch,
    batch_size: usize,
    /// The next row of the split, where it was given.
    next: Option<usize>,
}

impl SourceReader for RowsReader {
    fn add_split(&mut self, split: Split) -> Result<()> {
        self.next = Some(split.position.parse().unwrap_or(0));
        Ok(())
    }

    fn poll(&mut self) -> Result<ReaderEvent> {
        let Some(next) = self.next else { return Ok(ReaderEvent::Exhausted) };
        if next >= self.rows.num_rows() {
            self.next = None;
            return Ok(ReaderEvent::Finished { split: SPLIT.into() });
        }
        let rows = self.batch_size.min(self.rows.num_rows() - next);
        self.next = Some(next + rows);
        Ok(inserts(&SPLIT.into(), self.rows.slice(next, rows)))
    }

    fn snapshot(&self) -> Vec<Split> {
        self.next.iter().map(|next| Split { id: SPLIT.into(), position: next.to_string() }).collect()
    }
}
