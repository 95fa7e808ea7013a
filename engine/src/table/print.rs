//! Rows as Flink's `print` writes them: `+I[a, 1]`.

use std::io::Write;

use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::changelog::ChangelogBatch;
use crate::error::{Error, Result};

/// A line per row.
///
/// # Errors
/// Those of the writer.
pub(super) fn lines(batch: &ChangelogBatch, out: &mut impl Write) -> Result<()> {
    let options = FormatOptions::default().with_null("null");
    let columns: Vec<_> = batch
        .rows()
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column, &options))
        .collect::<Result<_, _>>()?;
    let failed = |error: std::io::Error| Error::connector(format!("the rows cannot be written: {error}"));
    for row in 0..batch.num_rows() {
        let values: Vec<_> = columns.iter().map(|column| column.value(row).to_string()).collect();
        writeln!(out, "{}[{}]", batch.kind(row).short(), values.join(", ")).map_err(failed)?;
    }
    Ok(())
}
