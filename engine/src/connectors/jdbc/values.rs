//! Arrow values as a database takes them, and back.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryArray, StringArray};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};

use crate::connectors::formats::{temporal, text};
use crate::error::{Error, Result};
use crate::types::sql_type;

/// Refuses types that no column of the databases holds.
pub fn check(field: &Field) -> Result<()> {
    match field.data_type() {
        DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(_, _)
        | DataType::Utf8
        | DataType::Binary
        | DataType::Date32
        | DataType::Time32(TimeUnit::Millisecond)
        | DataType::Timestamp(_, _) => Ok(()),
        other => Err(Error::user(format!(
            "column `{}`: the connector 'jdbc' does not take {}",
            field.name(),
            sql_type(other)
        ))
        .hint("cast it to STRING")),
    }
}

/// One value. What SQLite has no type for is text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A value of a column that [`check`] takes.
pub fn value(array: &dyn Array, row: usize) -> Result<Value> {
    if array.is_null(row) {
        return Ok(Value::Null);
    }
    let written = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        Value::Text(String::from_utf8(out).unwrap_or_default())
    };
    Ok(match array.data_type() {
        DataType::Boolean => Value::Integer(array.as_boolean().value(row).into()),
        DataType::Int8 => Value::Integer(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Value::Integer(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Value::Integer(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Value::Integer(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            // The double with the same shortest text, not the one with the same bits.
            Value::Double(value.to_string().parse().unwrap_or(f64::from(value)))
        }
        DataType::Float64 => Value::Double(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            written(&|out| text::write_decimal(out, value, *scale))
        }
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::Binary => Value::Bytes(array.as_binary::<i32>().value(row).to_owned()),
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().value(row);
            written(&|out| temporal::write_date(out, days.into()))
        }
        DataType::Time32(TimeUnit::Millisecond) => {
            let time = array.as_primitive::<Time32MillisecondType>().value(row).rem_euclid(86_400_000) as u32;
            written(&|out| temporal::write_time(out, time / 1000, time % 1000 * 1_000_000))
        }
        DataType::Timestamp(unit, zone) => {
            let value = match unit {
                TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row),
                TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
                TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
                TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row),
            };
            written(&|out| {
                temporal::write_timestamp(out, value, *unit, b' ');
                if zone.is_some() {
                    out.push(b'Z');
                }
            })
        }
        other => return Err(Error::bug(format!("a value of type {other} for a database"))),
    })
}

/// The same as the text that PostgreSQL casts.
pub fn text(array: &dyn Array, row: usize) -> Result<Option<String>> {
    Ok(match value(array, row)? {
        Value::Null => None,
        Value::Integer(value) if array.data_type() == &DataType::Boolean => Some((value != 0).to_string()),
        Value::Integer(value) => Some(value.to_string()),
        Value::Double(value) if value.is_infinite() => {
            Some(if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned())
        }
        Value::Double(value) => Some(value.to_string()),
        Value::Text(text) => Some(text),
        Value::Bytes(bytes) => Some(hex(&bytes)),
    })
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The error of a value that the declared type does not hold.
pub fn refused(field: &Field, what: &str) -> Error {
    let kind = sql_type(field.data_type());
    Error::user(format!("column `{}` of the database does not fit {kind}: {what}", field.name()))
        .hint("declare the column's type as the database has it")
}

/// A column from the texts that a database gave; bytes as hexadecimal digits.
pub fn array(field: &Field, texts: Vec<Option<String>>) -> Result<ArrayRef> {
    if !field.is_nullable() && texts.iter().any(Option::is_none) {
        return Err(refused(field, "it is NULL, and declared NOT NULL"));
    }
    if field.data_type() == &DataType::Binary {
        let bytes = texts
            .iter()
            .map(|text| text.as_deref().map(|text| unhex(text).ok_or_else(|| refused(field, text))).transpose())
            .collect::<Result<Vec<_>>>()?;
        return Ok(Arc::new(BinaryArray::from_iter(bytes)));
    }
    let texts: ArrayRef = Arc::new(StringArray::from(texts));
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(&texts, field.data_type(), &strict).map_err(|error| refused(field, &error.to_string()))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits?;
    (digits.len() % 2 == 0).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
