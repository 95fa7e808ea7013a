//! Numbers and booleans into each other.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Int64Array, PrimitiveArray};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};

use crate::error::{Error, Result};

/// Integers, floats and decimals as integers: the fraction is cut off. What is too large wraps, except that of floats
/// what does not fit into INT (BIGINT for BIGINT) is first the nearest that does, as in Java.
pub fn to_integer(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let float = |value: f64| match to {
        DataType::Int64 => value as i64,
        _ => i64::from(value as i32),
    };
    let wide: Int64Array = match array.data_type() {
        DataType::Float32 => array.as_primitive::<Float32Type>().unary(|value| float(value.into())),
        DataType::Float64 => array.as_primitive::<Float64Type>().unary(float),
        DataType::Decimal128(_, scale) => {
            let unit = 10i128.pow((*scale).max(0) as u32);
            array.as_primitive::<Decimal128Type>().unary(|value| (value / unit) as i64)
        }
        _ => compute::cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone(),
    };
    fn narrow<T: ArrowPrimitiveType>(wide: &Int64Array, wrap: impl Fn(i64) -> T::Native) -> ArrayRef {
        Arc::new(wide.unary::<_, T>(wrap)) as ArrayRef
    }
    match to {
        DataType::Int8 => Ok(narrow::<Int8Type>(&wide, |value| value as i8)),
        DataType::Int16 => Ok(narrow::<Int16Type>(&wide, |value| value as i16)),
        DataType::Int32 => Ok(narrow::<Int32Type>(&wide, |value| value as i32)),
        DataType::Int64 => Ok(Arc::new(wide)),
        other => Err(Error::bug(format!("{other} is not an integer"))),
    }
}

/// 0 is FALSE.
pub fn to_boolean(array: &ArrayRef) -> Result<ArrayRef> {
    fn nonzero<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>) -> BooleanArray {
        BooleanArray::from_unary(array, |value| value != T::default_value())
    }
    Ok(Arc::new(match array.data_type() {
        DataType::Float32 => nonzero(array.as_primitive::<Float32Type>()),
        DataType::Float64 => nonzero(array.as_primitive::<Float64Type>()),
        DataType::Decimal128(..) => nonzero(array.as_primitive::<Decimal128Type>()),
        _ => nonzero(compute::cast(array, &DataType::Int64)?.as_primitive::<Int64Type>()),
    }))
}

/// Rounded half up; NULL where it does not fit.
pub fn to_decimal(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let DataType::Decimal128(precision, scale) = *to else {
        return Err(Error::bug(format!("{to} is not a decimal")));
    };
    let limit = 10i128.pow(precision.into());
    let fits = |value: i128| (-limit < value && value < limit).then_some(value);
    let values: Decimal128Array = match array.data_type() {
        DataType::Float32 | DataType::Float64 => {
            let doubles = compute::cast(array, &DataType::Float64)?;
            // By way of its shortest digits, as Java's BigDecimal.valueOf takes it.
            let parse = |value: f64| super::parse::decimal(&format!("{value:e}"), scale).and_then(fits);
            doubles.as_primitive::<Float64Type>().unary_opt(parse)
        }
        DataType::Decimal128(_, from) => {
            let from = *from;
            array.as_primitive::<Decimal128Type>().unary_opt(|value| rescale(value, from, scale).and_then(fits))
        }
        _ => {
            let integers = compute::cast(array, &DataType::Int64)?;
            integers.as_primitive::<Int64Type>().unary_opt(|value| rescale(value.into(), 0, scale).and_then(fits))
        }
    };
    Ok(Arc::new(values.with_precision_and_scale(precision, scale)?))
}

/// A decimal of another scale, rounded half up; `None` where it overflows.
pub fn rescale(value: i128, from: i8, to: i8) -> Option<i128> {
    if to >= from {
        return value.checked_mul(10i128.checked_pow((to - from) as u32)?);
    }
    match 10i128.checked_pow((from - to) as u32) {
        Some(unit) => Some(divide_half_up(value, unit)),
        None => Some(0),
    }
}

/// Rounds away from zero from the half on. `unit` is not 0.
pub fn divide_half_up(value: i128, unit: i128) -> i128 {
    let (quotient, rest) = (value / unit, value % unit);
    if rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2) {
        quotient + if (value < 0) == (unit < 0) { 1 } else { -1 }
    } else {
        quotient
    }
}
