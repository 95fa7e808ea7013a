//! What a cast does beyond the Arrow type, which does not know them: the length of BINARY(n) and VARBINARY(n), the digits
//! of TIMESTAMP(p). Not to be called by name.

use std::io::{Read, Write};
use std::sync::Arc;

use datafusion::arrow::array::types::{
    ArrowTimestampType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder};
use datafusion::arrow::datatypes::{DataType, TimeUnit};

use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::text::LONGEST;
use crate::error::{Error, Result};

/// Bytes cut to a length, and filled with zeros up to another.
pub const FIT_BYTES: Definition = Definition::new(
    Family::Text,
    "CAST_LENGTH",
    "CAST_LENGTH(bytes, least, most)",
    "Bytes of a length between two others.",
    ("", ""),
    Parameters::Of(&[Kind::TextOrBytes, Kind::Int, Kind::Int], 3),
    |arguments| arguments.first(),
    fit_bytes,
);

/// A timestamp without the digits that its precision does not have.
pub const FIT_TIMESTAMP: Definition = Definition::new(
    Family::Time,
    "CAST_DIGITS",
    "CAST_DIGITS(timestamp, step)",
    "The last timestamp before another, or the same, that is a multiple of a step in its unit.",
    ("", ""),
    Parameters::Of(&[Kind::Timestamp, Kind::Int], 2),
    |arguments| arguments.first(),
    fit_timestamp,
);

fn fit_bytes(call: &Call) -> Result<ArrayRef> {
    let values = call.array(0)?;
    let (values, least, most) = (values.as_binary_opt::<i32>(), call.int(1)?, call.int(2)?);
    let values = values.ok_or_else(|| Error::bug("CAST_LENGTH of no bytes"))?;
    let mut fitted = BinaryBuilder::with_capacity(values.len(), values.value_data().len());
    let mut total = 0;
    for (row, bytes) in values.iter().enumerate() {
        let (Some(bytes), Some(least), Some(most)) = (bytes, least.get(row), most.get(row)) else {
            fitted.append_null();
            continue;
        };
        let (least, most) = (usize::try_from(least).unwrap_or(0), usize::try_from(most).unwrap_or(0));
        total += bytes.len().min(most).max(least);
        if least > LONGEST || total > i32::MAX as usize {
            return Err(Error::user(format!(
                "the bytes would be longer than {LONGEST}, or those of a batch than 2 GiB"
            )));
        }
        // To write into memory does not fail.
        let _ = fitted.write_all(&bytes[..bytes.len().min(most)]);
        let zeros = least.saturating_sub(bytes.len()) as u64;
        let _ = std::io::copy(&mut std::io::repeat(0).take(zeros), &mut fitted);
        fitted.append_value([]);
    }
    Ok(Arc::new(fitted.finish()))
}

fn fit_timestamp(call: &Call) -> Result<ArrayRef> {
    let values = call.array(0)?;
    if values.is_empty() {
        return Ok(values);
    }
    let step = call.int(1)?.get(0).map_or(1, i64::from).max(1);
    match values.data_type() {
        DataType::Timestamp(TimeUnit::Millisecond, _) => fit::<TimestampMillisecondType>(&values, step),
        DataType::Timestamp(TimeUnit::Microsecond, _) => fit::<TimestampMicrosecondType>(&values, step),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => fit::<TimestampNanosecondType>(&values, step),
        _ => Ok(values),
    }
}

fn fit<T: ArrowTimestampType>(values: &ArrayRef, step: i64) -> Result<ArrayRef> {
    let values = values.as_primitive_opt::<T>().ok_or_else(|| Error::bug("CAST_DIGITS of another unit"))?;
    // Before 1970, too, what is cut off makes a time earlier.
    let fitted = values.unary::<_, T>(|value| value.saturating_sub(value.rem_euclid(step)));
    Ok(Arc::new(fitted.with_data_type(values.data_type().clone())))
}
