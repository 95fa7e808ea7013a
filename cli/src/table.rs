//! Results as a table on standard output, in the form of Flink's SQL client.

use std::io::{self, Write};
use std::sync::Arc;

use anabranch::arrow::array::{ArrayRef, AsArray};
use anabranch::arrow::datatypes::{DataType, SchemaRef};
use anabranch::changelog::ChangelogBatch;
use anabranch::functions::scalar::cast_array;
use anabranch::{Result, printable};

/// Lays rows out in columns. The widths are those of the rows that are there when the first are written; longer values
/// that come later stand out, but are never cut.
pub struct Printer {
    header: Vec<String>,
    is_number: Vec<bool>,
    /// With the row kind in front.
    with_kind: bool,
    /// In which TIMESTAMP_LTZ is shown.
    time_zone: Arc<str>,
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
    rows: u64,
}

impl Printer {
    pub fn new(schema: SchemaRef, with_kind: bool, time_zone: Arc<str>) -> Self {
        let kind = with_kind.then(|| "op".to_owned());
        let header: Vec<String> =
            kind.into_iter().chain(schema.fields().iter().map(|field| field.name().clone())).collect();
        let numbers = schema.fields().iter().map(|field| field.data_type().is_numeric());
        let is_number = with_kind.then_some(false).into_iter().chain(numbers).collect();
        Printer { header, is_number, with_kind, time_zone, waiting: vec![], widths: None, rows: 0 }
    }

    pub fn add(&mut self, batch: &ChangelogBatch) -> Result<()> {
        let columns = batch.rows().columns().iter().map(|column| texts(column, &self.time_zone));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        self.rows += batch.num_rows() as u64;
        for row in 0..batch.num_rows() {
            let kind = self.with_kind.then(|| batch.kind(row).short().to_owned());
            self.waiting.push(kind.into_iter().chain(columns.iter().map(|column| column[row].clone())).collect());
        }
        Ok(())
    }

    /// Writes the rows that have come.
    pub fn flush(&mut self, out: &mut impl Write) -> io::Result<()> {
        // One text of several lines is a document, not a table.
        if self.header.len() == 1 && self.waiting.iter().any(|row| row[0].contains('\n')) {
            for row in self.waiting.drain(..) {
                writeln!(out, "{}", printable(row[0].trim_end()))?;
            }
            self.header.clear();
            return out.flush();
        }
        if self.header.is_empty() || self.waiting.is_empty() {
            return Ok(());
        }
        if self.widths.is_none() {
            let width = |column: usize| {
                let values = self.waiting.iter().map(|row| row[column].chars().count());
                values.chain([self.header[column].chars().count()]).max().unwrap_or(0)
            };
            let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
            rule(out, &widths)?;
            line(out, &self.header, &widths, &self.is_number)?;
            rule(out, &widths)?;
            self.widths = Some(widths);
        }
        if let Some(widths) = &self.widths {
            for row in self.waiting.drain(..) {
                line(out, &row, widths, &self.is_number)?;
            }
        }
        out.flush()
    }

    pub fn finish(mut self, out: &mut impl Write) -> io::Result<()> {
        self.flush(out)?;
        if self.header.is_empty() {
            return Ok(());
        }
        match &self.widths {
            Some(widths) => {
                rule(out, widths)?;
                writeln!(out, "{} {} in set", self.rows, if self.rows == 1 { "row" } else { "rows" })
            }
            None => writeln!(out, "Empty set"),
        }
    }
}

fn line(out: &mut impl Write, values: &[String], widths: &[usize], is_number: &[bool]) -> io::Result<()> {
    for ((value, &width), &is_number) in values.iter().zip(widths).zip(is_number) {
        // Control characters would leave the table.
        let value = value.replace(['\n', '\r', '\t'], " ");
        let value = printable(&value);
        if is_number { write!(out, "| {value:>width$} ")? } else { write!(out, "| {value:<width$} ")? }
    }
    writeln!(out, "|")
}

fn rule(out: &mut impl Write, widths: &[usize]) -> io::Result<()> {
    for &width in widths {
        write!(out, "+{}", "-".repeat(width + 2))?;
    }
    writeln!(out, "+")
}

/// A column's values as Flink shows them: as its CAST to STRING writes them, TIMESTAMP_LTZ in a time zone; but bytes, which
/// need be no text, as `x'00ff'`. NULL is `<NULL>`.
pub fn texts(column: &ArrayRef, time_zone: &str) -> Result<Vec<String>> {
    if let Some(bytes) = column.as_binary_opt::<i32>() {
        let hex =
            |bytes: &[u8]| bytes.iter().fold(String::from("x'"), |text, byte| text + &format!("{byte:02x}")) + "'";
        return Ok(bytes.iter().map(|bytes| bytes.map_or_else(|| "<NULL>".to_owned(), hex)).collect());
    }
    let texts = cast_array(column, &DataType::Utf8, false, time_zone)?;
    let texts = texts.as_string::<i32>().iter();
    Ok(texts.map(|text| text.unwrap_or("<NULL>").to_owned()).collect())
}
