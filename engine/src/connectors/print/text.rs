//! Values as Flink's `Row.toString` writes them: Java's text forms, `T` in timestamps, seconds only where not zero.

use std::io::Write;

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, IntervalUnit, IntervalYearMonthType, Time32MillisecondType, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use datafusion::arrow::util::display::array_value_to_string;

use crate::changelog::RowKind;
use crate::connectors::formats::{temporal, text};
use crate::error::Result;

/// Appends `+I[a, 1]`.
pub fn write_row(out: &mut Vec<u8>, kind: RowKind, columns: &[ArrayRef], row: usize) -> Result<()> {
    out.extend_from_slice(kind.short().as_bytes());
    out.push(b'[');
    for (number, column) in columns.iter().enumerate() {
        if number > 0 {
            out.extend_from_slice(b", ");
        }
        write_value(out, column.as_ref(), row)?;
    }
    out.push(b']');
    Ok(())
}

/// Appends one value.
pub fn write_value(out: &mut Vec<u8>, array: &dyn Array, row: usize) -> Result<()> {
    if array.is_null(row) || array.data_type() == &DataType::Null {
        out.extend_from_slice(b"null");
        return Ok(());
    }
    match array.data_type() {
        DataType::Boolean => out.extend_from_slice(if array.as_boolean().value(row) { b"true" } else { b"false" }),
        DataType::Int8 => text::write_integer(out, array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => text::write_integer(out, array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => text::write_integer(out, array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => text::write_integer(out, array.as_primitive::<Int64Type>().value(row)),
        DataType::Float32 => text::write_single(out, array.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => text::write_double(out, array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            text::write_decimal_scientific(out, array.as_primitive::<Decimal128Type>().value(row), *scale);
        }
        DataType::Utf8 => out.extend_from_slice(array.as_string::<i32>().value(row).as_bytes()),
        DataType::Binary => {
            let bytes = array.as_binary::<i32>().value(row);
            write_list(out, bytes.len(), |out, place| {
                // Java's bytes have a sign.
                text::write_integer(out, i64::from(bytes[place] as i8));
                Ok(())
            })?;
        }
        DataType::Date32 => temporal::write_date(out, array.as_primitive::<Date32Type>().value(row).into()),
        DataType::Time32(TimeUnit::Millisecond) => {
            let time = array.as_primitive::<Time32MillisecondType>().value(row).rem_euclid(86_400_000) as u32;
            write_time(out, time / 1000, time % 1000 * 1_000_000, false);
        }
        DataType::Timestamp(unit, zone) => {
            let value = match unit {
                TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row),
                TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
                TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
                TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row),
            };
            let (days, seconds, nanoseconds) = temporal::split(value, *unit);
            temporal::write_date(out, days);
            out.push(b'T');
            write_time(out, seconds, nanoseconds, zone.is_some());
            if zone.is_some() {
                out.push(b'Z');
            }
        }
        DataType::Interval(IntervalUnit::YearMonth) => {
            write_period(out, array.as_primitive::<IntervalYearMonthType>().value(row));
        }
        DataType::Duration(TimeUnit::Millisecond) => {
            write_duration(out, array.as_primitive::<DurationMillisecondType>().value(row));
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            write_list(out, items.len(), |out, item| write_value(out, items.as_ref(), item))?;
        }
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            out.push(b'{');
            for entry in 0..entries.len() {
                if entry > 0 {
                    out.extend_from_slice(b", ");
                }
                write_value(out, entries.column(0).as_ref(), entry)?;
                out.push(b'=');
                write_value(out, entries.column(1).as_ref(), entry)?;
            }
            out.push(b'}');
        }
        DataType::Struct(_) => write_row(out, RowKind::Insert, array.as_struct().columns(), row)?,
        // Types that no SQL type maps to still print.
        _ => out.extend_from_slice(array_value_to_string(array, row)?.as_bytes()),
    }
    Ok(())
}

fn write_list(out: &mut Vec<u8>, length: usize, mut item: impl FnMut(&mut Vec<u8>, usize) -> Result<()>) -> Result<()> {
    out.push(b'[');
    for place in 0..length {
        if place > 0 {
            out.extend_from_slice(b", ");
        }
        item(out, place)?;
    }
    out.push(b']');
    Ok(())
}

/// As `LocalTime.toString`: seconds where they or the fraction are not zero (or `always`), the fraction in groups of
/// three digits.
fn write_time(out: &mut Vec<u8>, seconds: u32, nanoseconds: u32, always: bool) {
    let start = out.len();
    temporal::write_time(out, seconds, 0);
    if nanoseconds != 0 {
        let digits = format!("{nanoseconds:09}");
        let shown = if nanoseconds.is_multiple_of(1_000_000) {
            3
        } else if nanoseconds.is_multiple_of(1_000) {
            6
        } else {
            9
        };
        out.push(b'.');
        out.extend_from_slice(&digits.as_bytes()[..shown]);
    } else if seconds.is_multiple_of(60) && !always {
        out.truncate(start + 5);
    }
}

/// As `Period.toString`: `P1Y2M`.
fn write_period(out: &mut Vec<u8>, months: i32) {
    let (years, months) = (months / 12, months % 12);
    out.push(b'P');
    if years != 0 {
        let _ = write!(out, "{years}Y");
    }
    if months != 0 || years == 0 {
        let _ = if years == 0 && months == 0 { write!(out, "0D") } else { write!(out, "{months}M") };
    }
}

/// As `Duration.toString`: `PT1H2.5S`.
fn write_duration(out: &mut Vec<u8>, milliseconds: i64) {
    out.extend_from_slice(b"PT");
    let (hours, rest) = (milliseconds / 3_600_000, milliseconds % 3_600_000);
    let (minutes, rest) = (rest / 60_000, rest % 60_000);
    if hours != 0 {
        let _ = write!(out, "{hours}H");
    }
    if minutes != 0 {
        let _ = write!(out, "{minutes}M");
    }
    if rest != 0 || milliseconds == 0 {
        let sign = if rest < 0 { "-" } else { "" };
        let fraction = format!(".{:03}", rest.abs() % 1000);
        let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
        let _ = write!(out, "{sign}{}{fraction}S", rest.abs() / 1000);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{
        BinaryArray, Date32Array, Decimal128Array, DurationMillisecondArray, Float64Array, Int32Array,
        IntervalYearMonthArray, ListArray, MapArray, StringArray, StructArray, Time32MillisecondArray,
        TimestampMillisecondArray,
    };
    use datafusion::arrow::buffer::OffsetBuffer;
    use datafusion::arrow::datatypes::Field;
    use expect_test::expect;

    use super::*;

    #[test]
    fn values_look_like_flinks() {
        let ints: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let row = StructArray::from(vec![
            (Arc::new(Field::new("p", DataType::Int32, true)), ints.clone()),
            (Arc::new(Field::new("q", DataType::Utf8, true)), texts.clone()),
        ]);
        let entries = StructArray::from(vec![
            (Arc::new(Field::new("key", DataType::Utf8, false)), texts.clone()),
            (Arc::new(Field::new("value", DataType::Int32, true)), ints.clone()),
        ]);
        let both = OffsetBuffer::new(vec![0, 2].into());
        let list =
            ListArray::new(Arc::new(Field::new("item", DataType::Int32, true)), both.clone(), ints.clone(), None);
        let field = Arc::new(Field::new("entries", entries.data_type().clone(), false));
        let map = MapArray::new(field, both, entries, None, false);
        // 2020-01-01, midnight and some milliseconds after 10:11:12.
        let times = vec![1_577_836_800_000, 1_577_873_472_500];
        let columns: Vec<ArrayRef> = vec![
            texts,
            ints,
            Arc::new(Float64Array::from(vec![1.0, 1e10])),
            Arc::new(Decimal128Array::from(vec![150, -5]).with_precision_and_scale(10, 2).unwrap()),
            Arc::new(TimestampMillisecondArray::from(times.clone())),
            Arc::new(TimestampMillisecondArray::from(times).with_timezone("UTC")),
            Arc::new(Date32Array::from(vec![18262, -1])),
            Arc::new(Time32MillisecondArray::from(vec![0, 36_672_000])),
            Arc::new(BinaryArray::from(vec![&b"ab"[..], &b"\xff"[..]])),
            Arc::new(IntervalYearMonthArray::from(vec![14, 0])),
            Arc::new(DurationMillisecondArray::from(vec![3_662_500, 0])),
            Arc::new(row),
        ];
        let mut out = vec![];
        write_row(&mut out, RowKind::Insert, &columns, 0).unwrap();
        out.push(b'\n');
        write_row(&mut out, RowKind::UpdateBefore, &columns, 1).unwrap();
        out.push(b'\n');
        write_row(&mut out, RowKind::Delete, &[Arc::new(list), Arc::new(map)], 0).unwrap();
        expect![[r#"
            +I[a, 1, 1.0, 1.50, 2020-01-01T00:00, 2020-01-01T00:00:00Z, 2020-01-01, 00:00, [97, 98], P1Y2M, PT1H1M2.5S, +I[1, a]]
            -U[b, null, 1.0E10, -0.05, 2020-01-01T10:11:12.500, 2020-01-01T10:11:12.500Z, 1969-12-31, 10:11:12, [-1], P0D, PT0S, +I[null, b]]
            -D[[1, null], {a=1, b=null}]"#]]
        .assert_eq(&String::from_utf8(out).unwrap());
    }
}
