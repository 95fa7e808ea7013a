//! Columns into objects, a line each.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, IntervalUnit, IntervalYearMonthType, Time32MillisecondType, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};

use super::super::{Encoder, temporal, text};
use super::compact::write_string;
use super::{NullKey, WriteOptions};
use crate::error::{Error, Result};

pub struct JsonEncoder {
    options: WriteOptions,
}

impl JsonEncoder {
    pub fn new(options: WriteOptions) -> Self {
        JsonEncoder { options }
    }

    fn object(
        &self,
        out: &mut Vec<u8>,
        names: &[Vec<u8>],
        columns: &[datafusion::arrow::array::ArrayRef],
        row: usize,
    ) -> Result<()> {
        out.push(b'{');
        let mut first = true;
        for (name, column) in names.iter().zip(columns) {
            if self.options.ignore_null_fields && column.is_null(row) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            out.extend_from_slice(name);
            self.value(out, column.as_ref(), row)?;
        }
        out.push(b'}');
        Ok(())
    }

    fn value(&self, out: &mut Vec<u8>, array: &dyn Array, row: usize) -> Result<()> {
        if array.is_null(row) || array.data_type() == &DataType::Null {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        match array.data_type() {
            DataType::Boolean => {
                out.extend_from_slice(if array.as_boolean().value(row) { b"true" } else { b"false" });
            }
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
            DataType::Float32 => {
                let value = array.as_primitive::<Float32Type>().value(row);
                quoted(out, !value.is_finite(), |out| text::write_single(out, value));
            }
            DataType::Float64 => {
                let value = array.as_primitive::<Float64Type>().value(row);
                quoted(out, !value.is_finite(), |out| text::write_double(out, value));
            }
            DataType::Decimal128(_, scale) => {
                let value = array.as_primitive::<Decimal128Type>().value(row);
                if self.options.plain_decimals {
                    text::write_decimal(out, value, *scale);
                } else {
                    text::write_decimal_scientific(out, value, *scale);
                }
            }
            DataType::Utf8 => write_string(out, array.as_string::<i32>().value(row).as_bytes()),
            DataType::Binary => {
                quoted(out, true, |out| text::encode_base64(array.as_binary::<i32>().value(row), out));
            }
            DataType::Date32 => {
                let days = array.as_primitive::<Date32Type>().value(row);
                quoted(out, true, |out| temporal::write_date(out, days.into()));
            }
            DataType::Time32(TimeUnit::Millisecond) => {
                let time = array.as_primitive::<Time32MillisecondType>().value(row).rem_euclid(86_400_000) as u32;
                quoted(out, true, |out| temporal::write_time(out, time / 1000, time % 1000 * 1_000_000));
            }
            DataType::Timestamp(unit, zone) => {
                let value = match unit {
                    TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row),
                    TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
                    TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
                    TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row),
                };
                quoted(out, true, |out| {
                    temporal::write_timestamp(out, value, *unit, self.options.separator);
                    if zone.is_some() {
                        out.push(b'Z');
                    }
                });
            }
            DataType::List(_) => {
                let items = array.as_list::<i32>().value(row);
                out.push(b'[');
                for item in 0..items.len() {
                    if item > 0 {
                        out.push(b',');
                    }
                    self.value(out, items.as_ref(), item)?;
                }
                out.push(b']');
            }
            DataType::Map(_, _) => {
                let entries = array.as_map().value(row);
                let (keys, values) = (entries.column(0), entries.column(1));
                out.push(b'{');
                let mut first = true;
                for entry in 0..entries.len() {
                    let key = match &self.options.null_key {
                        _ if keys.is_valid(entry) => keys.as_string::<i32>().value(entry),
                        NullKey::Literal(literal) => literal,
                        NullKey::Drop => continue,
                        NullKey::Fail => {
                            return Err(Error::user("a map has NULL as a key, which JSON cannot carry")
                                .hint("set 'json.map-null-key.mode' to 'DROP' or 'LITERAL'"));
                        }
                    };
                    if !std::mem::take(&mut first) {
                        out.push(b',');
                    }
                    write_string(out, key.as_bytes());
                    out.push(b':');
                    self.value(out, values.as_ref(), entry)?;
                }
                out.push(b'}');
            }
            DataType::Struct(fields) => {
                let names: Vec<Vec<u8>> = fields.iter().map(|field| key(field.name())).collect();
                self.object(out, &names, array.as_struct().columns(), row)?;
            }
            other => return Err(Error::bug(format!("JSON of type {other}"))),
        }
        Ok(())
    }
}

fn quoted(out: &mut Vec<u8>, quotes: bool, write: impl FnOnce(&mut Vec<u8>)) {
    if quotes {
        out.push(b'"');
    }
    write(out);
    if quotes {
        out.push(b'"');
    }
}

/// `"name":`
fn key(name: &str) -> Vec<u8> {
    let mut key = Vec::new();
    write_string(&mut key, name.as_bytes());
    key.push(b':');
    key
}

impl Encoder for JsonEncoder {
    fn encode(&mut self, rows: &RecordBatch, out: &mut Vec<u8>) -> Result<()> {
        let names: Vec<Vec<u8>> = rows.schema().fields().iter().map(|field| key(field.name())).collect();
        for row in 0..rows.num_rows() {
            self.object(out, &names, rows.columns(), row)?;
            out.push(b'\n');
        }
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }
}
