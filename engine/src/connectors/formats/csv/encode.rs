//! Columns into lines. Text is quoted where Flink's writer quotes it, which is more often than needed.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, IntervalUnit, IntervalYearMonthType, Time32MillisecondType, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};

use super::super::{Encoder, temporal, text};
use super::Layout;
use crate::error::{Error, Result};

/// Longer texts are quoted unseen.
const MAX_LOOKED_AT: usize = 24;

pub struct CsvEncoder {
    layout: Layout,
    field: Vec<u8>,
}

impl CsvEncoder {
    pub fn new(layout: Layout) -> Self {
        CsvEncoder { layout, field: vec![] }
    }

    /// Appends `self.field`, quoted where it must be.
    fn write_field(&self, out: &mut Vec<u8>) {
        let Layout { delimiter, quote, escape, comments, .. } = self.layout;
        let safe = delimiter.max(quote.unwrap_or(0)).max(escape.unwrap_or(0)).max(b'\r');
        match quote {
            Some(quote)
                if self.field.len() > MAX_LOOKED_AT
                    || self.field.iter().any(|&byte| byte <= safe)
                    || (comments && self.field.first() == Some(&b'#')) =>
            {
                out.push(quote);
                for &byte in &self.field {
                    if byte == quote || Some(byte) == escape {
                        out.push(escape.unwrap_or(quote));
                    }
                    out.push(byte);
                }
                out.push(quote);
            }
            _ => out.extend_from_slice(&self.field),
        }
    }
}

impl Encoder for CsvEncoder {
    fn encode(&mut self, rows: &RecordBatch, out: &mut Vec<u8>) -> Result<()> {
        for row in 0..rows.num_rows() {
            for (number, column) in rows.columns().iter().enumerate() {
                if number > 0 {
                    out.push(self.layout.delimiter);
                }
                let mut field = std::mem::take(&mut self.field);
                field.clear();
                write_value(&mut field, column.as_ref(), row, &self.layout)?;
                self.field = field;
                if is_plain(column.data_type()) {
                    out.extend_from_slice(&self.field);
                } else {
                    self.write_field(out);
                }
            }
            out.push(b'\n');
        }
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }
}

/// Numbers and booleans are never quoted.
fn is_plain(kind: &DataType) -> bool {
    kind.is_numeric() || kind == &DataType::Boolean
}

fn write_value(out: &mut Vec<u8>, array: &dyn Array, row: usize, layout: &Layout) -> Result<()> {
    if array.is_null(row) || array.data_type() == &DataType::Null {
        out.extend_from_slice(layout.null_literal.as_deref().unwrap_or_default());
        return Ok(());
    }
    match array.data_type() {
        DataType::Boolean => out.extend_from_slice(if array.as_boolean().value(row) { b"true" } else { b"false" }),
        DataType::Int8 => text::write_integer(out, array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => text::write_integer(out, array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => text::write_integer(out, array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => text::write_integer(out, array.as_primitive::<Int64Type>().value(row)),
        DataType::Interval(IntervalUnit::YearMonth) => {
            text::write_integer(out, array.as_primitive::<IntervalYearMonthType>().value(row).into());
        }
        DataType::Duration(TimeUnit::Millisecond) => {
            text::write_integer(out, array.as_primitive::<DurationMillisecondType>().value(row));
        }
        DataType::Float32 => text::write_single(out, array.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => text::write_double(out, array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            text::write_decimal(out, array.as_primitive::<Decimal128Type>().value(row), *scale);
        }
        DataType::Utf8 => out.extend_from_slice(array.as_string::<i32>().value(row).as_bytes()),
        DataType::Binary => text::encode_base64(array.as_binary::<i32>().value(row), out),
        DataType::Date32 => temporal::write_date(out, array.as_primitive::<Date32Type>().value(row).into()),
        DataType::Time32(TimeUnit::Millisecond) => {
            let time = array.as_primitive::<Time32MillisecondType>().value(row).rem_euclid(86_400_000) as u32;
            temporal::write_time(out, time / 1000, time % 1000 * 1_000_000);
        }
        DataType::Timestamp(unit, zone) => {
            let value = match unit {
                TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row),
                TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
                TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
                TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row),
            };
            temporal::write_timestamp(out, value, *unit, b' ');
            if zone.is_some() {
                out.push(b'Z');
            }
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            for item in 0..items.len() {
                if item > 0 {
                    out.extend_from_slice(&layout.element_delimiter);
                }
                write_value(out, items.as_ref(), item, layout)?;
            }
        }
        DataType::Struct(_) => {
            for (number, column) in array.as_struct().columns().iter().enumerate() {
                if number > 0 {
                    out.extend_from_slice(&layout.element_delimiter);
                }
                write_value(out, column.as_ref(), row, layout)?;
            }
        }
        other => return Err(Error::bug(format!("CSV of type {other}"))),
    }
    Ok(())
}
