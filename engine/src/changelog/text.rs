//! The readable form of a changelog, for tests: one row a line, `+I a 1`, as in `ChangelogBatch::from_text`.
//!
//! Values are separated by blanks; `null` is NULL; a value with blanks stands in double quotes.

use std::fmt::Write;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{ChangelogBatch, RowKind, RowKinds};
use crate::error::{Error, Result};
use crate::types::sql_type;

impl ChangelogBatch {
    /// Reads the readable form, a row a line: `+I a 1`. A line without a kind is an insert.
    ///
    /// # Errors
    /// User errors for a line with another number of values than the schema has columns, or a value that does not
    /// cast to its column's type.
    pub fn from_text(schema: &SchemaRef, text: &str) -> Result<Self> {
        let mut kinds = Vec::new();
        let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); schema.fields().len()];
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut values = split(line);
            let kind = values.first().and_then(|first| RowKind::from_short(first));
            if kind.is_some() {
                values.remove(0);
            }
            if values.len() != columns.len() {
                return Err(Error::user(format!("`{line}` has {} values for {} columns", values.len(), columns.len())));
            }
            kinds.push(kind.unwrap_or(RowKind::Insert));
            for (column, value) in columns.iter_mut().zip(values) {
                column.push((value != "null").then_some(value));
            }
        }
        let arrays = columns
            .into_iter()
            .zip(schema.fields())
            .map(|(values, field)| {
                let texts: ArrayRef = Arc::new(StringArray::from(values));
                // A text that is no value of the type is an error, not NULL.
                let strict = CastOptions { safe: false, ..CastOptions::default() };
                cast_with_options(&texts, field.data_type(), &strict).map_err(|error| {
                    Error::user(format!("column '{}' is {}: {error}", field.name(), sql_type(field.data_type())))
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let append_only = kinds.iter().all(|&kind| kind == RowKind::Insert);
        let kinds = (!append_only).then(|| kinds.into_iter().collect::<RowKinds>());
        ChangelogBatch::new(RecordBatch::try_new(schema.clone(), arrays)?, kinds)
    }

    /// Writes the readable form, a row a line, each ended by a line feed.
    pub fn to_text(&self) -> Result<String> {
        let options = FormatOptions::default().with_null("null");
        let formatters = self
            .rows()
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options))
            .collect::<Result<Vec<_>, _>>()?;
        let mut text = String::new();
        for row in 0..self.num_rows() {
            text.push_str(self.kind(row).short());
            for formatter in &formatters {
                let value = formatter.value(row).try_to_string()?;
                let quoted = value.is_empty() || value.contains(char::is_whitespace);
                let _ = if quoted { write!(text, " \"{value}\"") } else { write!(text, " {value}") };
            }
            text.push('\n');
        }
        Ok(text)
    }
}

/// Splits at blanks, but not inside double quotes, which are taken off.
fn split(line: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (value, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        values.push(value.to_owned());
        rest = after.trim_start();
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::datatypes::{DataType, Field, Schema};

    #[test]
    fn text_form_round_trips() {
        let schema = Arc::new(Schema::new(vec![
            Field::new("word", DataType::Utf8, true),
            Field::new("count", DataType::Int64, true),
        ]));
        let text = "+I a 1\n-U a 1\n+U \"a b\" null\n";
        let batch = ChangelogBatch::from_text(&schema, text).unwrap();
        assert_eq!(batch.to_text().unwrap(), text);
    }
}
