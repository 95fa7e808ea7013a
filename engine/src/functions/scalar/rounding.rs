//! CEIL, FLOOR, ROUND, TRUNCATE: of numbers, and the first two also of times, to a unit.

use std::sync::Arc;

use datafusion::arrow::array::types::{Decimal128Type, Float32Type, Float64Type, Int32Type};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::Volatility;

use super::cast::cast_array;
use super::function::{Arguments, Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::time_parts;
use crate::error::{Error, Result};

const CEIL: Definition = Definition {
    name: "CEIL",
    aliases: &["CEILING"],
    family: Family::Arithmetic,
    syntax: "CEIL(number) or CEIL(time TO unit)",
    doc: "The next integer upwards; of a time the next begin of a unit, unless it is one.",
    example: ("CEIL(CAST(1.2 AS DOUBLE))", "2.0"),
    volatility: Volatility::Immutable,
    parameters: PARAMETERS,
    result: whole_type,
    call: |call| whole(call, true),
};

const FLOOR: Definition = Definition {
    name: "FLOOR",
    aliases: &[],
    family: Family::Arithmetic,
    syntax: "FLOOR(number) or FLOOR(time TO unit)",
    doc: "The next integer downwards; of a time the begin of its unit. Weeks begin on Sunday.",
    example: ("FLOOR(CAST(-1.2 AS DOUBLE))", "-2.0"),
    volatility: Volatility::Immutable,
    parameters: PARAMETERS,
    result: whole_type,
    call: |call| whole(call, false),
};

const PARAMETERS: Parameters = Parameters::Rule(|types| match types {
    [number] => Parameters::Of(&[Kind::Number], 1).coerce(std::slice::from_ref(number)),
    [_, _] => Parameters::Of(&[Kind::Temporal, Kind::Text], 2).coerce(types),
    _ => None,
});

fn whole_type(arguments: &Arguments) -> Option<DataType> {
    match arguments.first()? {
        DataType::Decimal128(precision, scale) if scale > 0 => Some(DataType::Decimal128(precision, 0)),
        other => Some(other),
    }
}

fn whole(call: &Call, up: bool) -> Result<ArrayRef> {
    let array = call.array(0)?;
    if call.len() == 2 {
        return time_parts::round(call, &array, up);
    }
    Ok(match array.data_type() {
        DataType::Float32 if up => Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(f32::ceil)),
        DataType::Float32 => Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(f32::floor)),
        DataType::Float64 if up => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::ceil)),
        DataType::Float64 => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::floor)),
        DataType::Decimal128(_, scale) => {
            let unit = 10i128.pow((*scale).max(0) as u32);
            let one = i128::from(up);
            let round = |value: i128| value.div_euclid(unit) + if value.rem_euclid(unit) > 0 { one } else { 0 };
            let values = array.as_primitive::<Decimal128Type>().unary::<_, Decimal128Type>(round);
            Arc::new(values.with_data_type(call.result.clone()))
        }
        _ => array,
    })
}

const ROUND: Definition = Definition {
    name: "ROUND",
    aliases: &[],
    family: Family::Arithmetic,
    syntax: "ROUND(number [, digits])",
    doc: "A number rounded half up to so many digits after the point, 0 if not given; before the point if negative.",
    example: ("ROUND(125, -1)", "130"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Of(&[Kind::Number, Kind::Int], 1),
    result: rounded_type,
    call: |call| to_digits(call, true),
};

const TRUNCATE: Definition = Definition {
    name: "TRUNCATE",
    aliases: &[],
    family: Family::Arithmetic,
    syntax: "TRUNCATE(number [, digits])",
    doc: "A number cut off after so many digits after the point, 0 if not given; before the point if negative.",
    example: ("TRUNCATE(42, -1)", "40"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Of(&[Kind::Number, Kind::Int], 1),
    result: rounded_type,
    call: |call| to_digits(call, false),
};

fn rounded_type(arguments: &Arguments) -> Option<DataType> {
    let DataType::Decimal128(precision, scale) = arguments.first()? else { return arguments.first() };
    let digits = match arguments.constants.get(1).copied().flatten() {
        Some(datafusion::common::ScalarValue::Int32(Some(digits))) => *digits,
        _ if arguments.types.len() < 2 => 0,
        _ => return arguments.first(),
    };
    if digits >= i32::from(scale) {
        return arguments.first();
    }
    let whole = i32::from(precision) - i32::from(scale);
    let precision = if digits < 0 { whole + 1 } else { whole + 1 + digits };
    Some(DataType::Decimal128(precision.clamp(1, 38) as u8, digits.max(0) as i8))
}

fn to_digits(call: &Call, half_up: bool) -> Result<ArrayRef> {
    let array = call.array(0)?;
    let digits: Vec<Option<i32>> = match call.len() {
        1 => vec![Some(0); call.rows],
        _ => {
            let digits = call.primitive::<Int32Type>(1)?;
            (0..call.rows).map(|row| digits.get(row)).collect()
        }
    };
    match array.data_type() {
        DataType::Float32 | DataType::Float64 => {
            let doubles = cast(&array, &DataType::Float64)?;
            let doubles = doubles.as_primitive::<Float64Type>();
            let values: Float64Array = doubles
                .iter()
                .zip(digits)
                .map(|(value, digits)| Some(round_double(value?, digits?, half_up)))
                .collect();
            Ok(cast(&(Arc::new(values) as ArrayRef), call.result)?)
        }
        DataType::Decimal128(_, scale) => {
            let from = i32::from(*scale);
            let DataType::Decimal128(precision, to) = *call.result else {
                return Err(Error::bug("a decimal rounded to something else"));
            };
            let decimals = array.as_primitive::<Decimal128Type>();
            let values: Decimal128Array = decimals
                .iter()
                .zip(digits)
                .map(|(value, digits)| {
                    let rounded = round_digits(value?, from.saturating_sub(digits?), half_up)?;
                    // Rounded at the old scale; the new scale has all digits that are left.
                    let rounded = rounded.checked_div(10i128.checked_pow((from - i32::from(to)).max(0) as u32)?)?;
                    (rounded.unsigned_abs() < 10u128.checked_pow(u32::from(precision))?).then_some(rounded)
                })
                .collect();
            Ok(Arc::new(values.with_precision_and_scale(precision, to)?))
        }
        _ => {
            let integers = cast(&array, &DataType::Int64)?;
            let integers = integers.as_primitive::<Int64Type>();
            let values: Int64Array = integers
                .iter()
                .zip(digits)
                .map(|(value, digits)| {
                    round_digits(value?.into(), digits?.saturating_neg(), half_up).map(|value| value as i64)
                })
                .collect();
            cast_array(&(Arc::new(values) as ArrayRef), call.result, false, call.zone)
        }
    }
}

/// With the last `drop` digits made 0; as it is where `drop` is not positive.
fn round_digits(value: i128, drop: i32, half_up: bool) -> Option<i128> {
    if drop <= 0 {
        return Some(value);
    }
    let Some(unit) = 10i128.checked_pow(drop as u32) else { return Some(0) };
    let rest = value % unit;
    let down = value - rest;
    if half_up && rest.unsigned_abs() >= unit.unsigned_abs() / 2 {
        down.checked_add(unit * value.signum())
    } else {
        Some(down)
    }
}

/// By way of the shortest decimal digits, as Java's BigDecimal does: 42.345 is not 42.34499….
fn round_double(value: f64, digits: i32, half_up: bool) -> f64 {
    if !value.is_finite() {
        return value;
    }
    let text = format!("{value:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return value };
    let Ok(exponent) = exponent.parse::<i32>() else { return value };
    let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
    let Ok(unscaled) = mantissa.replace('.', "").parse::<i128>() else { return value };
    // value = unscaled × 10^-scale
    let scale = fraction - exponent;
    match round_digits(unscaled, scale.saturating_sub(digits), half_up) {
        Some(rounded) => format!("{rounded}e{}", -scale).parse().unwrap_or(value),
        None => value,
    }
}

pub const DEFINITIONS: &[&Definition] = &[&CEIL, &FLOOR, &ROUND, &TRUNCATE];
