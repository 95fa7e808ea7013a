//! `'format' = 'csv'`: separated values without a header line, as Flink reads and writes them.

mod decode;
mod encode;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, SchemaRef};

use super::json::column::Column;
use super::{Decoder, Decoding, Encoder, Encoding, Format, FormatContext, LineDecoding};
use crate::connectors::ConnectorOption;
use crate::error::{Error, Result};
use crate::types::sql_type;

#[derive(Debug)]
pub struct Csv;

/// How the text is laid out.
#[derive(Debug, Clone)]
struct Layout {
    delimiter: u8,
    quote: Option<u8>,
    escape: Option<u8>,
    /// Lines that begin with `#` are left out.
    comments: bool,
    ignore_parse_errors: bool,
    null_literal: Option<Vec<u8>>,
    /// Between the items of an ARRAY or ROW.
    element_delimiter: Vec<u8>,
}

impl Layout {
    fn new(context: &FormatContext) -> Result<Self> {
        let options = context.options;
        let byte = |name: &str| {
            options
                .character(name)?
                .map(|character| {
                    u8::try_from(character).ok().filter(u8::is_ascii).ok_or_else(|| {
                        Error::user(format!("option '{name}' = '{character}' must be an ASCII character"))
                    })
                })
                .transpose()
        };
        let disabled = options.boolean("csv.disable-quote-character", false)?;
        if disabled && options.get("csv.quote-character").is_some() {
            return Err(Error::user(
                "options 'csv.quote-character' and 'csv.disable-quote-character' cannot be set both",
            ));
        }
        Ok(Layout {
            delimiter: byte("csv.field-delimiter")?.unwrap_or(b','),
            quote: if disabled { None } else { Some(byte("csv.quote-character")?.unwrap_or(b'"')) },
            escape: byte("csv.escape-character")?,
            comments: options.boolean("csv.allow-comments", false)?,
            ignore_parse_errors: options.boolean("csv.ignore-parse-errors", false)?,
            null_literal: options.get("csv.null-literal").map(|literal| literal.as_bytes().to_vec()),
            element_delimiter: options.get("csv.array-element-delimiter").unwrap_or(";").as_bytes().to_vec(),
        })
    }
}

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn doc(&self) -> &'static str {
        "Separated values, without a header line; columns by their order."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        let option = |name, default, doc| ConnectorOption { name, required: false, default, doc };
        vec![
            option("csv.field-delimiter", Some(","), "Between fields: a character; `\\t` for a tab."),
            option("csv.quote-character", Some("\""), "Around fields that hold delimiters or line feeds."),
            option("csv.disable-quote-character", Some("false"), "Read and write quotes as any other character."),
            option("csv.escape-character", None, "The character after it is read as it stands."),
            option("csv.allow-comments", Some("false"), "Leave out lines that begin with `#`."),
            option(
                "csv.ignore-parse-errors",
                Some("false"),
                "Read fields that do not fit, or are missing, as NULL; leave out lines with more fields than columns.",
            ),
            option(
                "csv.null-literal",
                None,
                "Text that stands for NULL. Of all types but STRING and ARRAY, an empty field always does.",
            ),
            option("csv.array-element-delimiter", Some(";"), "Between the items of an ARRAY or ROW."),
        ]
    }

    fn decoding(&self, context: &FormatContext) -> Result<Decoding> {
        let layout = Layout::new(context)?;
        for &column in &context.projection {
            check(context.schema.field(column).name(), context.schema.field(column).data_type(), true)?;
        }
        let mut slots = vec![None; context.schema.fields().len()];
        for (slot, &column) in context.projection.iter().enumerate() {
            slots[column] = Some(slot);
        }
        let schema = Arc::new(context.schema.project(&context.projection)?);
        Ok(Decoding::Lines(Arc::new(CsvDecoding { schema, slots, layout })))
    }

    fn encoding(&self, context: &FormatContext) -> Result<Arc<dyn Encoding>> {
        for field in context.schema.fields() {
            check(field.name(), field.data_type(), true)?;
        }
        Ok(Arc::new(CsvEncoding { layout: Layout::new(context)? }))
    }
}

/// Refuses types that a field's text does not carry.
fn check(column: &str, kind: &DataType, outer: bool) -> Result<()> {
    match kind {
        DataType::List(item) if outer => check(column, item.data_type(), false),
        DataType::Struct(fields) if outer => {
            fields.iter().try_for_each(|field| check(column, field.data_type(), false))
        }
        DataType::List(_) | DataType::Struct(_) | DataType::Map(_, _) => {
            Err(Error::user(format!("column `{column}`: the format 'csv' does not take {}", sql_type(kind)))
                .hint("ARRAY and ROW of plain values are taken"))
        }
        other if Column::takes(other) => Ok(()),
        other => Err(Error::user(format!("column `{column}`: the format 'csv' does not take {}", sql_type(other)))),
    }
}

#[derive(Debug)]
struct CsvDecoding {
    schema: SchemaRef,
    /// Of each field of a line: the column of `schema` it goes to.
    slots: Vec<Option<usize>>,
    layout: Layout,
}

impl LineDecoding for CsvDecoding {
    fn decoder(&self) -> Result<Box<dyn Decoder>> {
        Ok(Box::new(decode::CsvDecoder::new(self.schema.clone(), self.slots.clone(), self.layout.clone())?))
    }

    /// A line feed may stand inside of quotes.
    fn splits_at_line_feeds(&self) -> bool {
        self.layout.quote.is_none() && self.layout.escape.is_none()
    }
}

#[derive(Debug)]
struct CsvEncoding {
    layout: Layout,
}

impl Encoding for CsvEncoding {
    fn extension(&self) -> &'static str {
        "csv"
    }

    fn encoder(&self) -> Result<Box<dyn Encoder>> {
        Ok(Box::new(encode::CsvEncoder::new(self.layout.clone())))
    }
}
