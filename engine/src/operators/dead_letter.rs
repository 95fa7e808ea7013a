//! Dead letters: rows whose function failed, on their way to the table that the function's `dead-letter.table` names.
//!
//! An operator puts them beside its output; a node behind it in the job graph passes them on to the sink of their table.
//! Each has the columns of [`dead_letter_schema`], of which the table takes those that it has by name.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMillisecondArray, UInt32Array};
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::json::writer::{EncoderOptions, NullableEncoder, make_encoder};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{Output, Timestamp};
use crate::changelog::ChangelogBatch;
use crate::error::Result;
use crate::functions::component::{BoundComponent, OnError, RowError};
use crate::types::UTC;

/// The columns that a dead-letter table may have: name, SQL type, meaning.
pub const DEAD_LETTER_COLUMNS: &[(&str, &str, &str)] = &[
    ("function_name", "STRING", "The function that failed, as SQL calls it."),
    ("error_kind", "STRING", "`error` (returned by the function), `trap`, `timeout`, `memory` or `output`."),
    ("error_message", "STRING", "What the function said, or how it died."),
    ("failed_at", "TIMESTAMP_LTZ(3)", "When it failed."),
    ("arguments", "STRING", "A JSON object of its arguments, by the names of its parameters."),
    ("input_row", "STRING", "A JSON object of the row that it was called for, as far as the query still had it there."),
    ("row_kind", "STRING", "The row's kind in the changelog: `+I`, `-U`, `+U` or `-D`."),
];

/// The schema of dead letters: [`DEAD_LETTER_COLUMNS`].
pub fn dead_letter_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let field = |&(name, sql_type, _): &(&str, &str, &str)| {
            let data_type = match sql_type {
                "STRING" => DataType::Utf8,
                _ => DataType::Timestamp(TimeUnit::Millisecond, Some(UTC.into())),
            };
            Field::new(name, data_type, false)
        };
        Arc::new(Schema::new(DEAD_LETTER_COLUMNS.iter().map(field).collect::<Vec<_>>()))
    });
    SCHEMA.clone()
}

/// Puts the rows that failed beside the output, where the function's policy says so. `errors` count rows in
/// `arguments`; `rows` are their numbers in `batch`.
pub(super) fn push_dead_letters(
    function: &BoundComponent,
    errors: &[RowError],
    arguments: &[ArrayRef],
    batch: &ChangelogBatch,
    rows: &[u32],
    now: Timestamp,
    out: &mut Output,
) -> Result<()> {
    let (OnError::DeadLetter, Some(table)) = (function.on_error(), function.dead_letter_table()) else { return Ok(()) };
    if errors.is_empty() {
        return Ok(());
    }
    let count = errors.len();
    let picked = UInt32Array::from_iter_values(errors.iter().map(|error| error.row));
    let arguments = arguments.iter().map(|column| take(column, &picked, None)).collect::<Result<Vec<_>, _>>()?;
    let parameters = function.parameters().iter().map(|field| Arc::new(field.clone()) as FieldRef);
    let arguments = json(&parameters.collect::<Vec<_>>(), &arguments, count);
    let input = batch.take(&UInt32Array::from(rows.to_vec()))?;
    let schema = input.schema();
    // What the planner has added in between has names that no query can write.
    let (fields, columns): (Vec<FieldRef>, Vec<ArrayRef>) = schema
        .fields()
        .iter()
        .zip(input.rows().columns())
        .filter(|(field, _)| !field.name().starts_with('$'))
        .map(|(field, column)| (field.clone(), column.clone()))
        .unzip();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(std::iter::repeat_n(function.name(), count))),
        Arc::new(StringArray::from_iter_values(errors.iter().map(|error| error.cause.name()))),
        Arc::new(StringArray::from_iter_values(errors.iter().map(|error| error.message.as_str()))),
        Arc::new(TimestampMillisecondArray::from_value(now, count).with_timezone(UTC)),
        Arc::new(arguments),
        Arc::new(json(&fields, &columns, count)),
        Arc::new(StringArray::from_iter_values((0..count).map(|row| input.kind(row).short()))),
    ];
    out.push_dead_letters(table.clone(), RecordBatch::try_new(dead_letter_schema(), columns)?);
    Ok(())
}

/// `, onError=[f: skip]` for functions that do not fail the job; empty where all do. For EXPLAIN.
pub(super) fn describe_policies<'a>(functions: impl IntoIterator<Item = &'a BoundComponent>) -> String {
    let mut policies: Vec<String> = vec![];
    for function in functions {
        let policy = match (function.on_error(), function.dead_letter_table()) {
            (OnError::Fail, _) => continue,
            (OnError::Null, _) => "null".to_owned(),
            (OnError::Skip, _) => "skip".to_owned(),
            (OnError::DeadLetter, table) => format!("dead-letter to {}", table.map_or("?", |table| table)),
        };
        let policy = format!("{}: {policy}", function.name());
        if !policies.contains(&policy) {
            policies.push(policy);
        }
    }
    if policies.is_empty() { String::new() } else { format!(", onError=[{}]", policies.join(", ")) }
}

/// A JSON object per row.
fn json(fields: &[FieldRef], columns: &[ArrayRef], rows: usize) -> StringArray {
    let options = EncoderOptions::default();
    let mut writers: Vec<(String, Writer)> = fields
        .iter()
        .zip(columns)
        .map(|(field, column)| {
            let name = serde_json::to_string(field.name()).unwrap_or_default();
            (name, Writer::new(field, column, &options))
        })
        .collect();
    StringArray::from_iter_values((0..rows).map(|row| {
        let mut text = vec![b'{'];
        for (index, (name, writer)) in writers.iter_mut().enumerate() {
            if index > 0 {
                text.push(b',');
            }
            text.extend_from_slice(name.as_bytes());
            text.push(b':');
            writer.write(row, &mut text);
        }
        text.push(b'}');
        String::from_utf8_lossy(&text).into_owned()
    }))
}

/// Writes the values of one column.
enum Writer<'a> {
    Json(NullableEncoder<'a>),
    /// For types that have no form in JSON: as text.
    Text(&'a ArrayRef),
}

impl<'a> Writer<'a> {
    fn new(field: &'a FieldRef, column: &'a ArrayRef, options: &'a EncoderOptions) -> Self {
        match make_encoder(field, column, options) {
            Ok(encoder) => Writer::Json(encoder),
            Err(_) => Writer::Text(column),
        }
    }

    fn write(&mut self, row: usize, out: &mut Vec<u8>) {
        match self {
            Writer::Json(encoder) if encoder.is_null(row) => out.extend_from_slice(b"null"),
            Writer::Json(encoder) => encoder.encode(row, out),
            Writer::Text(column) if column.is_null(row) => out.extend_from_slice(b"null"),
            Writer::Text(column) => {
                let options = FormatOptions::default();
                let text = ArrayFormatter::try_new(column, &options)
                    .and_then(|formatter| formatter.value(row).try_to_string())
                    .unwrap_or_else(|_| "?".to_owned());
                out.extend_from_slice(serde_json::to_string(&text).unwrap_or_default().as_bytes());
            }
        }
    }
}
