//! Reads splits one after another: lines or whole files, with partition columns from directory names.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray, UInt32Array};
use datafusion::arrow::compute::{CastOptions, cast_with_options, take};
use datafusion::arrow::datatypes::SchemaRef;

use super::enumerator::SplitId;
use super::lines::{Lines, Step};
use super::path::{self, Location};
use crate::connectors::formats::{Decoding, FileRows};
use crate::connectors::{ReaderContext, ReaderEvent, SourceReader, Split, claim_standard_input, inserts};
use crate::error::{Error, Result};

/// Standard input is waited for this long at most, so that barriers and stops are not held up.
const MAX_PATIENCE: Duration = Duration::from_millis(10);

pub struct FileReader {
    /// The table's name.
    table: String,
    root: PathBuf,
    decoding: Decoding,
    /// Columns of the batches.
    schema: SchemaRef,
    partition_keys: Vec<String>,
    default_partition: String,
    batch_size: usize,
    patience: Duration,
    waiting: VecDeque<Split>,
    current: Option<Current>,
}

/// The split being read.
struct Current {
    id: Arc<str>,
    rows: Rows,
    /// One-row arrays of the partition columns that are read, by name.
    partition: Vec<(String, ArrayRef)>,
}

enum Rows {
    Lines(Box<Lines>),
    File { rows: FileRows, given: u64 },
}

impl FileReader {
    pub fn new(
        table: String,
        location: Location,
        decoding: Decoding,
        schema: SchemaRef,
        partition_keys: Vec<String>,
        default_partition: String,
        context: &ReaderContext,
    ) -> Self {
        let root = match location {
            Location::Path(root) => root,
            Location::StandardInput => PathBuf::new(),
        };
        FileReader {
            table,
            root,
            decoding,
            schema,
            partition_keys,
            default_partition,
            batch_size: context.batch_size.max(1),
            patience: context.buffer_timeout.min(MAX_PATIENCE),
            waiting: VecDeque::new(),
            current: None,
        }
    }

    fn open(&self, split: &Split) -> Result<Current> {
        let position: u64 = match split.position.as_str() {
            "" => 0,
            text => text.parse().map_err(|_| Error::state(format!("`{text}` is no position in a file")))?,
        };
        let id = SplitId::parse(&split.id);
        let rows = match (&id, &self.decoding) {
            (None, Decoding::Lines(lines)) => {
                if position > 0 {
                    return Err(Error::state("standard input has been read before and cannot be read again")
                        .hint("put the rows into a file"));
                }
                claim_standard_input(&format!("table `{}` has read it", self.table))?;
                Rows::Lines(Box::new(Lines::standard_input(lines.decoder()?)?))
            }
            (Some(id), Decoding::Lines(lines)) => {
                let (start, end) = id.range.map_or((0, None), |(start, end)| (start, Some(end)));
                Rows::Lines(Box::new(Lines::file(&id.path, start.max(position), end, lines.decoder()?)?))
            }
            (Some(id), Decoding::Files(files)) => {
                Rows::File { rows: files.open(&id.path, position, self.batch_size)?, given: position }
            }
            (None, Decoding::Files(_)) => return Err(Error::bug("standard input as a whole file")),
        };
        let partition = match &id {
            Some(id) => self.partition(id)?,
            None => vec![],
        };
        Ok(Current { id: split.id.as_str().into(), rows, partition })
    }

    /// The values of the partition columns for all rows of a file.
    fn partition(&self, id: &SplitId) -> Result<Vec<(String, ArrayRef)>> {
        if self.partition_keys.is_empty() {
            return Ok(vec![]);
        }
        let values = path::partition_values(&self.root, &id.path);
        let mut columns = Vec::new();
        for key in &self.partition_keys {
            let Ok(field) = self.schema.field_with_name(key) else { continue };
            let Some((_, value)) = values.iter().find(|(name, _)| name == key) else {
                return Err(Error::connector(format!(
                    "'{}' is not in a directory `{key}=…`, as the table's PARTITIONED BY says",
                    id.path.display()
                )));
            };
            let value = Some(value.as_str()).filter(|value| *value != self.default_partition);
            let text: ArrayRef = Arc::new(StringArray::from(vec![value]));
            let strict = CastOptions { safe: false, ..CastOptions::default() };
            let array = cast_with_options(&text, field.data_type(), &strict).map_err(|error| {
                Error::user(format!("'{}': the directory `{key}=…` is no {}", id.path.display(), field.data_type()))
                    .caused_by(error)
            })?;
            columns.push((key.clone(), array));
        }
        Ok(columns)
    }

    /// Puts the columns of the file and those of its directory in the schema's order.
    fn complete(&self, rows: RecordBatch, partition: &[(String, ArrayRef)]) -> Result<RecordBatch> {
        if partition.is_empty() {
            return Ok(rows);
        }
        let first = UInt32Array::from(vec![0; rows.num_rows()]);
        let mut in_file = rows.columns().iter();
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            columns.push(match partition.iter().find(|(name, _)| name == field.name()) {
                Some((_, value)) => take(value, &first, None)?,
                None => in_file.next().cloned().ok_or_else(|| Error::bug("a file's column is missing"))?,
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

impl SourceReader for FileReader {
    fn add_split(&mut self, split: Split) -> Result<()> {
        self.waiting.push_back(split);
        Ok(())
    }

    fn poll(&mut self) -> Result<ReaderEvent> {
        let (batch_size, patience) = (self.batch_size, self.patience);
        let mut current = match self.current.take() {
            Some(current) => current,
            None => match self.waiting.pop_front() {
                None => return Ok(ReaderEvent::Exhausted),
                Some(split) => self.open(&split)?,
            },
        };
        let step = match &mut current.rows {
            Rows::Lines(lines) => lines.next(batch_size, patience)?,
            Rows::File { rows, given } => match rows.next().transpose()? {
                None => Step::End,
                Some(batch) => {
                    *given += batch.num_rows() as u64;
                    Step::Batch(batch)
                }
            },
        };
        Ok(match step {
            Step::Batch(rows) => {
                let event = inserts(&current.id, self.complete(rows, &current.partition)?);
                self.current = Some(current);
                event
            }
            Step::Idle => {
                self.current = Some(current);
                ReaderEvent::Idle
            }
            Step::End => ReaderEvent::Finished { split: current.id },
        })
    }

    fn snapshot(&self) -> Vec<Split> {
        let current = self.current.iter().map(|current| {
            let position = match &current.rows {
                Rows::Lines(lines) => lines.position(),
                Rows::File { given, .. } => *given,
            };
            Split { id: current.id.to_string(), position: position.to_string() }
        });
        current.chain(self.waiting.iter().cloned()).collect()
    }
}
