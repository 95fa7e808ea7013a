//! A batch of rows with their kinds.

use datafusion::arrow::array::{Array, BooleanArray, RecordBatch, RecordBatchOptions, UInt8Array, UInt32Array};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::SchemaRef;

use super::{RowKind, RowKinds};
use crate::error::{Error, Result};

/// Rows and their kinds. The kinds are absent while all rows are inserts.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangelogBatch {
    rows: RecordBatch,
    kinds: Option<RowKinds>,
}

impl ChangelogBatch {
    /// Rows that are all `+I`.
    pub fn inserts(rows: RecordBatch) -> Self {
        ChangelogBatch { rows, kinds: None }
    }

    /// Rows with their kinds.
    ///
    /// # Errors
    /// A bug where there are not as many kinds as rows.
    pub fn new(rows: RecordBatch, kinds: Option<RowKinds>) -> Result<Self> {
        match &kinds {
            Some(kinds) if kinds.len() != rows.num_rows() => {
                Err(Error::bug(format!("{} row kinds for {} rows", kinds.len(), rows.num_rows())))
            }
            _ => Ok(ChangelogBatch { rows, kinds }),
        }
    }

    pub fn rows(&self) -> &RecordBatch {
        &self.rows
    }

    pub fn kinds(&self) -> Option<&RowKinds> {
        self.kinds.as_ref()
    }

    pub fn kind(&self, row: usize) -> RowKind {
        self.kinds.as_ref().map_or(RowKind::Insert, |kinds| kinds.get(row))
    }

    pub fn into_parts(self) -> (RecordBatch, Option<RowKinds>) {
        (self.rows, self.kinds)
    }

    pub fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    pub fn num_rows(&self) -> usize {
        self.rows.num_rows()
    }

    /// `length` rows from `offset`, sharing the data.
    pub fn slice(&self, offset: usize, length: usize) -> Self {
        ChangelogBatch {
            rows: self.rows.slice(offset, length),
            kinds: self.kinds.as_ref().map(|kinds| kinds.slice(offset, length)),
        }
    }

    /// The rows where `mask` is true.
    pub fn filter(&self, mask: &BooleanArray) -> Result<Self> {
        let rows = compute::filter_record_batch(&self.rows, mask)?;
        let kinds = match &self.kinds {
            None => None,
            Some(kinds) => {
                let numbers = UInt8Array::new(kinds.values().clone(), None);
                let kept = compute::filter(&numbers, mask)?.to_data();
                Some(RowKinds::from(UInt8Array::from(kept).values().clone()))
            }
        };
        Ok(ChangelogBatch { rows, kinds })
    }

    /// The rows of these numbers, in this order.
    pub fn take(&self, rows: &UInt32Array) -> Result<Self> {
        let columns = self.rows.columns().iter().map(|column| compute::take(column, rows, None));
        let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
        // A row may have no columns and is a row all the same.
        let count = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let taken = RecordBatch::try_new_with_options(self.rows.schema(), columns, &count)?;
        let kinds = self.kinds.as_ref().map(|kinds| rows.values().iter().map(|&row| kinds.get(row as usize)).collect());
        Ok(ChangelogBatch { rows: taken, kinds })
    }

    /// The same kinds with other columns of as many rows: what a projection makes.
    pub fn with_rows(&self, rows: RecordBatch) -> Result<Self> {
        Self::new(rows, self.kinds.clone())
    }

    /// All batches in one; all have the schema.
    pub fn concat(schema: &SchemaRef, batches: &[ChangelogBatch]) -> Result<Self> {
        if let [one] = batches {
            return Ok(one.clone());
        }
        let rows = compute::concat_batches(schema, batches.iter().map(|batch| &batch.rows))?;
        let kinds = if batches.iter().all(|batch| batch.kinds.is_none()) {
            None
        } else {
            Some(batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| batch.kind(row))).collect())
        };
        Ok(ChangelogBatch { rows, kinds })
    }
}

/// The same columns under another schema of the same width; cast where types differ.
pub fn with_schema(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| match column.data_type() == field.data_type() {
            true => Ok(column.clone()),
            false => Ok(compute::cast(column, field.data_type())?),
        })
        .collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}
