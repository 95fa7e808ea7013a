//! Helpers of the connectors' tests: tables from a few words, and drivers that read and write to the end.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::datatypes::{DataType, Field, Schema};

use super::{ReaderContext, ReaderEvent, Source, Split, TableDescription, WriterContext};
use crate::changelog::ChangelogBatch;
use crate::error::Result;

/// A table named `t`.
pub fn table(columns: &[(&str, DataType)], options: &[(&str, &str)]) -> TableDescription {
    let fields: Vec<Field> = columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect();
    TableDescription {
        name: "t".into(),
        sql_types: fields.iter().map(|field| field.data_type().to_string()).collect(),
        schema: Arc::new(Schema::new(fields)),
        primary_key: vec![],
        partition_keys: vec![],
        options: options.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        time_zone: "UTC".into(),
    }
}

pub fn reader_context(batch_size: usize) -> ReaderContext {
    ReaderContext { subtask: 0, parallelism: 1, batch_size, buffer_timeout: Duration::from_millis(5) }
}

pub fn writer_context() -> (tokio::runtime::Runtime, WriterContext) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    (runtime, WriterContext { subtask: 0, parallelism: 1, runtime: handle })
}

/// Reads a bounded source to its end with one reader. After every `restart_after` batches the reader is thrown away and
/// a new one goes on from its snapshot.
pub fn read_all(
    source: &Arc<dyn Source>,
    batch_size: usize,
    restart_after: Option<usize>,
) -> Result<Vec<ChangelogBatch>> {
    let context = reader_context(batch_size);
    let splits = source.enumerator(1)?.discover()?;
    read_splits(source, splits, &context, restart_after)
}

pub fn read_splits(
    source: &Arc<dyn Source>,
    splits: Vec<Split>,
    context: &ReaderContext,
    restart_after: Option<usize>,
) -> Result<Vec<ChangelogBatch>> {
    let mut reader = source.reader(context)?;
    for split in splits {
        reader.add_split(split)?;
    }
    let mut batches = Vec::new();
    loop {
        match reader.poll()? {
            ReaderEvent::Batch { batch, .. } => {
                batches.push(batch);
                if restart_after.is_some_and(|every| batches.len() % every == 0) {
                    let splits = reader.snapshot();
                    reader = source.reader(context)?;
                    for split in splits {
                        reader.add_split(split)?;
                    }
                }
            }
            ReaderEvent::Finished { .. } | ReaderEvent::Idle => {}
            ReaderEvent::Exhausted => return Ok(batches),
        }
    }
}

/// The readable form of all batches.
pub fn text(batches: &[ChangelogBatch]) -> String {
    batches.iter().map(|batch| batch.to_text().unwrap()).collect()
}
