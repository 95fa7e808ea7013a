//! Values as texts.

use std::fmt::Write;
use std::sync::Arc;

use datafusion::arrow::array::types::{Date32Type, Decimal128Type, Float32Type, Float64Type, IntervalYearMonthType};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float32Array, Float64Array, MapArray, StringBuilder, StructArray,
};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{DataType, DurationMillisecondType, Int64Type, IntervalUnit, TimeUnit};

use super::time::{DAY, Zone, digits, split_ticks};
use crate::error::{Error, Result};
use crate::types::calendar::date_of;
use crate::types::sql_type;

/// A column as texts.
pub fn to_text(array: &ArrayRef, zone: &Zone) -> Result<ArrayRef> {
    let writer = TextWriter::new(array.as_ref(), zone)?;
    let mut texts = StringBuilder::with_capacity(array.len(), array.len() * 16);
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            texts.append_null();
        } else {
            text.clear();
            writer.write(row, &mut text);
            texts.append_value(&text);
        }
    }
    Ok(Arc::new(texts.finish()))
}

/// Writes values of one column as Flink casts them to STRING; NULLs within nested values are `NULL`.
pub enum TextWriter<'a> {
    Boolean(&'a BooleanArray),
    Integer(Vec<i64>),
    Float(&'a Float32Array),
    Double(&'a Float64Array),
    Text(&'a datafusion::arrow::array::StringArray),
    Bytes(&'a datafusion::arrow::array::BinaryArray),
    Decimal(&'a datafusion::arrow::array::Decimal128Array, i8),
    Date(&'a datafusion::arrow::array::Date32Array),
    Time(Vec<i64>),
    Timestamp { ticks: Vec<i64>, unit: TimeUnit, zone: Option<&'a Zone> },
    Months(&'a datafusion::arrow::array::IntervalYearMonthArray),
    Milliseconds(Vec<i64>),
    List(&'a datafusion::arrow::array::ListArray, Box<TextWriter<'a>>),
    Map(&'a MapArray, Box<TextWriter<'a>>, Box<TextWriter<'a>>),
    Row(&'a StructArray, Vec<TextWriter<'a>>),
    Null,
}

fn integers(array: &dyn Array, as_type: &DataType) -> Result<Vec<i64>> {
    let array = compute::cast(array, as_type)?;
    Ok(compute::cast(&array, &DataType::Int64)?.as_primitive::<Int64Type>().values().to_vec())
}

impl<'a> TextWriter<'a> {
    /// `zone` is the session's.
    ///
    /// # Errors
    /// A user error for types that have no text.
    pub fn new(array: &'a dyn Array, zone: &'a Zone) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Null => TextWriter::Null,
            DataType::Boolean => TextWriter::Boolean(array.as_boolean()),
            integer if integer.is_signed_integer() => TextWriter::Integer(integers(array, &DataType::Int64)?),
            DataType::Float32 => TextWriter::Float(array.as_primitive::<Float32Type>()),
            DataType::Float64 => TextWriter::Double(array.as_primitive::<Float64Type>()),
            DataType::Utf8 => TextWriter::Text(array.as_string()),
            DataType::Binary => TextWriter::Bytes(array.as_binary()),
            DataType::Decimal128(_, scale) => TextWriter::Decimal(array.as_primitive::<Decimal128Type>(), *scale),
            DataType::Date32 => TextWriter::Date(array.as_primitive::<Date32Type>()),
            DataType::Time32(_) => TextWriter::Time(integers(
                &compute::cast(array, &DataType::Time32(TimeUnit::Millisecond))?,
                &DataType::Int32,
            )?),
            DataType::Timestamp(unit, is_local) => TextWriter::Timestamp {
                ticks: integers(array, &DataType::Int64)?,
                unit: *unit,
                zone: is_local.is_some().then_some(zone),
            },
            DataType::Interval(IntervalUnit::YearMonth) => {
                TextWriter::Months(array.as_primitive::<IntervalYearMonthType>())
            }
            DataType::Duration(_) => {
                let array = compute::cast(array, &DataType::Duration(TimeUnit::Millisecond))?;
                TextWriter::Milliseconds(array.as_primitive::<DurationMillisecondType>().values().to_vec())
            }
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                TextWriter::List(list, Box::new(Self::new(list.values().as_ref(), zone)?))
            }
            DataType::Map(..) => {
                let map = array.as_map();
                let (keys, values) = (Self::new(map.keys().as_ref(), zone)?, Self::new(map.values().as_ref(), zone)?);
                TextWriter::Map(map, Box::new(keys), Box::new(values))
            }
            DataType::Struct(_) => {
                let row = array.as_struct();
                let columns = row.columns().iter().map(|column| Self::new(column.as_ref(), zone));
                TextWriter::Row(row, columns.collect::<Result<_>>()?)
            }
            other => return Err(Error::user(format!("{} cannot be cast to STRING", sql_type(other)))),
        })
    }

    /// Appends the value of a row that is not NULL.
    pub fn write(&self, row: usize, out: &mut String) {
        // Writing to a String does not fail.
        let _ = match self {
            TextWriter::Null => out.write_str("NULL"),
            TextWriter::Boolean(values) => out.write_str(if values.value(row) { "TRUE" } else { "FALSE" }),
            TextWriter::Integer(values) => write!(out, "{}", values[row]),
            TextWriter::Float(values) => {
                write_float(format_args!("{:e}", values.value(row)), values.value(row).into(), out)
            }
            TextWriter::Double(values) => write_float(format_args!("{:e}", values.value(row)), values.value(row), out),
            TextWriter::Text(values) => out.write_str(values.value(row)),
            TextWriter::Bytes(values) => out.write_str(&String::from_utf8_lossy(values.value(row))),
            TextWriter::Decimal(values, scale) => write_decimal(values.value(row), *scale, out),
            TextWriter::Date(values) => write_timestamp(i64::from(values.value(row)) * DAY, 0, 0, false, out),
            TextWriter::Time(values) => write_time(values[row], out),
            TextWriter::Timestamp { ticks, unit, zone } => {
                let (seconds, nanoseconds) = split_ticks(ticks[row], *unit);
                let seconds = zone.map_or(seconds, |zone| zone.to_local(seconds));
                write_timestamp(seconds, nanoseconds, digits(*unit), true, out)
            }
            TextWriter::Months(values) => {
                let months = values.value(row);
                let sign = if months < 0 { '-' } else { '+' };
                write!(out, "{sign}{}-{:02}", months.unsigned_abs() / 12, months.unsigned_abs() % 12)
            }
            TextWriter::Milliseconds(values) => {
                let sign = if values[row] < 0 { '-' } else { '+' };
                let all = values[row].unsigned_abs();
                let (seconds, days) = (all / 1000 % 86_400, all / 86_400_000);
                let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
                write!(out, "{sign}{days} {hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, all % 1000)
            }
            TextWriter::List(list, items) => {
                let offsets = list.value_offsets();
                let range = offsets[row] as usize..offsets[row + 1] as usize;
                write_all('[', range.map(|item| (item, list.values().is_null(item))), items, ']', out)
            }
            TextWriter::Map(map, keys, values) => {
                out.push('{');
                let offsets = map.value_offsets();
                for (index, entry) in (offsets[row] as usize..offsets[row + 1] as usize).enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    keys.write(entry, out);
                    out.push('=');
                    match map.values().is_null(entry) {
                        true => out.push_str("NULL"),
                        false => values.write(entry, out),
                    }
                }
                out.push('}');
                Ok(())
            }
            TextWriter::Row(values, columns) => {
                out.push('(');
                for (index, column) in columns.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    match values.column(index).is_null(row) {
                        true => out.push_str("NULL"),
                        false => column.write(row, out),
                    }
                }
                out.push(')');
                Ok(())
            }
        };
    }
}

fn write_all(
    open: char,
    items: impl Iterator<Item = (usize, bool)>,
    writer: &TextWriter,
    close: char,
    out: &mut String,
) -> std::fmt::Result {
    out.push(open);
    for (index, (item, is_null)) in items.enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        if is_null { out.push_str("NULL") } else { writer.write(item, out) }
    }
    out.push(close);
    Ok(())
}

/// As Java writes it: digits that tell it from its neighbours, in scientific notation below 10⁻³ and from 10⁷ on.
/// `scientific` is Rust's `{:e}` form, which has those digits.
fn write_float(scientific: std::fmt::Arguments, value: f64, out: &mut String) -> std::fmt::Result {
    if value.is_nan() {
        return out.write_str("NaN");
    }
    if value.is_infinite() {
        return out.write_str(if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
    let start = out.len();
    out.write_fmt(scientific)?;
    // `d.ddde-x`: into sign, digits, exponent.
    let text = out.split_off(start);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    out.push_str(sign);
    if value != 0.0 && !(-3..7).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        return write!(out, "{first}.{}E{exponent}", if rest.is_empty() { "0" } else { rest });
    }
    if exponent < 0 {
        return write!(out, "0.{}{digits}", "0".repeat((-exponent - 1) as usize));
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        return write!(out, "{digits}{}.0", "0".repeat(whole - digits.len()));
    }
    write!(out, "{}.{}", &digits[..whole], &digits[whole..])
}

fn write_decimal(value: i128, scale: i8, out: &mut String) -> std::fmt::Result {
    let scale = scale.max(0) as usize;
    if value < 0 {
        out.push('-');
    }
    let digits = value.unsigned_abs();
    if scale == 0 {
        return write!(out, "{digits}");
    }
    let unit = 10u128.pow(scale as u32);
    write!(out, "{}.{:0scale$}", digits / unit, digits % unit)
}

fn write_time(milliseconds: i64, out: &mut String) -> std::fmt::Result {
    let seconds = milliseconds / 1000;
    write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
    match milliseconds % 1000 {
        0 => Ok(()),
        fraction => write!(out, ".{}", format!("{fraction:03}").trim_end_matches('0')),
    }
}

/// `seconds` are of the local clock.
fn write_timestamp(
    seconds: i64,
    nanoseconds: u32,
    digits: usize,
    with_time: bool,
    out: &mut String,
) -> std::fmt::Result {
    let (year, month, day) = date_of(seconds.div_euclid(DAY));
    write!(out, "{year:04}-{month:02}-{day:02}")?;
    if with_time {
        let second = seconds.rem_euclid(DAY);
        write!(out, " {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)?;
        if digits > 0 {
            write!(out, ".{:0digits$}", nanoseconds / 10u32.pow(9 - digits as u32))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::TimestampSecondArray;
    use proptest::prelude::*;

    use super::*;

    fn written(seconds: i64) -> String {
        let array = TimestampSecondArray::from(vec![seconds]);
        let mut text = String::new();
        TextWriter::new(&array, &Zone::Utc).unwrap().write(0, &mut text);
        text
    }

    proptest! {
        #[test]
        fn timestamps_agree_with_chrono(seconds in -62_167_219_200i64..253_402_300_800) {
            let expected = chrono::DateTime::from_timestamp(seconds, 0).unwrap().format("%Y-%m-%d %H:%M:%S").to_string();
            prop_assert_eq!(written(seconds), expected);
        }
    }

    /// Functions and files may give any. chrono ends with the year 262142.
    #[test]
    fn timestamps_of_far_years() {
        assert_eq!(written(9_000_000_000_000), "287168-08-24 16:00:00");
        assert!(written(i64::MAX).starts_with("292277026596-12-04"));
        assert!(written(i64::MIN).starts_with("-292277022657-01-27"));
    }
}
