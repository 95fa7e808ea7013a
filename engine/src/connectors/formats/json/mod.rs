//! `'format' = 'json'`: one JSON object a line, read and written as Flink does.

pub(super) mod column;
mod compact;
mod decode;
mod encode;
mod scan;
#[cfg(test)]
mod tests;
pub(super) mod value;

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, SchemaRef};

use super::{Decoder, Decoding, Encoder, Encoding, Format, FormatContext, LineDecoding};
use crate::connectors::ConnectorOption;
use crate::error::{Error, Result};
use crate::types::sql_type;

#[derive(Debug)]
pub struct Json;

/// How JSON is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadOptions {
    /// Between date and time: a blank (SQL) or `T` (ISO-8601).
    separator: u8,
    /// Malformed lines are left out, values that do not fit are NULL.
    ignore_parse_errors: bool,
    fail_on_missing_field: bool,
}

/// What becomes of a map's entry whose key is NULL.
#[derive(Debug, Clone)]
enum NullKey {
    Fail,
    Drop,
    Literal(String),
}

/// How JSON is written.
#[derive(Debug, Clone)]
struct WriteOptions {
    separator: u8,
    plain_decimals: bool,
    ignore_null_fields: bool,
    null_key: NullKey,
}

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn doc(&self) -> &'static str {
        "JSON lines: an object a line."
    }

    fn options(&self) -> Vec<ConnectorOption> {
        let option = |name, default, doc| ConnectorOption { name, required: false, default: Some(default), doc };
        vec![
            option(
                "json.timestamp-format.standard",
                "SQL",
                "`SQL` (`2020-01-01 00:00:00.123`) or `ISO-8601` (`2020-01-01T00:00:00.123`); TIMESTAMP_LTZ ends with `Z`.",
            ),
            option(
                "json.ignore-parse-errors",
                "false",
                "Leave out lines that are not JSON, and read values that do not fit as NULL.",
            ),
            option(
                "json.fail-on-missing-field",
                "false",
                "Fail where a column's field is missing, instead of reading NULL.",
            ),
            option("json.encode.decimal-as-plain-number", "false", "Write decimals without an exponent."),
            option("json.encode.ignore-null-fields", "false", "Leave out fields that are NULL."),
            option(
                "json.map-null-key.mode",
                "FAIL",
                "NULL as a map's key when writing: `FAIL`, `DROP` the entry, or write the `LITERAL` of the next option.",
            ),
            option("json.map-null-key.literal", "null", "The key written for NULL in mode `LITERAL`."),
            option(
                "json.decode.json-parser.enabled",
                "true",
                "Accepted for jobs written for Flink; there is one decoder here, and it is the fast one.",
            ),
        ]
    }

    fn decoding(&self, context: &FormatContext) -> Result<Decoding> {
        let options = context.options;
        let read = ReadOptions {
            separator: separator(context)?,
            ignore_parse_errors: options.boolean("json.ignore-parse-errors", false)?,
            fail_on_missing_field: options.boolean("json.fail-on-missing-field", false)?,
        };
        options.boolean("json.decode.json-parser.enabled", true)?;
        if read.ignore_parse_errors && read.fail_on_missing_field {
            return Err(Error::user(
                "options 'json.ignore-parse-errors' and 'json.fail-on-missing-field' cannot both be true",
            ));
        }
        let schema: SchemaRef = Arc::new(context.schema.project(&context.projection)?);
        for field in schema.fields() {
            check(field.name(), field.data_type())?;
        }
        Ok(Decoding::Lines(Arc::new(JsonDecoding { schema, options: read })))
    }

    fn encoding(&self, context: &FormatContext) -> Result<Arc<dyn Encoding>> {
        let options = context.options;
        let null_key = match options.choice("json.map-null-key.mode", &["FAIL", "DROP", "LITERAL"], 0)? {
            0 => NullKey::Fail,
            1 => NullKey::Drop,
            _ => NullKey::Literal(options.get("json.map-null-key.literal").unwrap_or("null").to_owned()),
        };
        let write = WriteOptions {
            separator: separator(context)?,
            plain_decimals: options.boolean("json.encode.decimal-as-plain-number", false)?,
            ignore_null_fields: options.boolean("json.encode.ignore-null-fields", false)?,
            null_key,
        };
        for field in context.schema.fields() {
            check(field.name(), field.data_type())?;
        }
        Ok(Arc::new(JsonEncoding { options: write }))
    }
}

fn separator(context: &FormatContext) -> Result<u8> {
    let choice = context.options.choice("json.timestamp-format.standard", &["SQL", "ISO-8601"], 0)?;
    Ok(if choice == 0 { b' ' } else { b'T' })
}

/// Refuses types that JSON does not carry.
fn check(column: &str, kind: &DataType) -> Result<()> {
    match kind {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 && matches!(fields[0].data_type(), DataType::Utf8) => {
                check(column, fields[1].data_type())
            }
            _ => Err(Error::user(format!("column `{column}`: the format 'json' takes maps with STRING keys only"))),
        },
        DataType::List(item) => check(column, item.data_type()),
        DataType::Struct(fields) => fields.iter().try_for_each(|field| check(column, field.data_type())),
        other if column::Column::takes(other) => Ok(()),
        other => Err(Error::user(format!("column `{column}`: the format 'json' does not take {}", sql_type(other)))),
    }
}

#[derive(Debug)]
struct JsonDecoding {
    schema: SchemaRef,
    options: ReadOptions,
}

impl LineDecoding for JsonDecoding {
    fn decoder(&self) -> Result<Box<dyn Decoder>> {
        Ok(Box::new(decode::JsonDecoder::new(self.schema.clone(), self.options)?))
    }
}

#[derive(Debug)]
struct JsonEncoding {
    options: WriteOptions,
}

impl Encoding for JsonEncoding {
    fn extension(&self) -> &'static str {
        "json"
    }

    fn encoder(&self) -> Result<Box<dyn Encoder>> {
        Ok(Box::new(encode::JsonEncoder::new(self.options.clone())))
    }
}
