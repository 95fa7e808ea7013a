//! Numbers to numbers: powers, logarithms, angles, remainders.

use std::sync::Arc;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::array::types::Float64Type;
use datafusion::arrow::compute::cast;
use datafusion::arrow::compute::kernels::numeric;
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Operator, Volatility};

use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters, as_decimal, common};
use super::returns;
use super::{decimal, division};
use crate::error::{Error, Result};

/// A function of one DOUBLE.
macro_rules! double {
    ($constant:ident, $name:literal, $aliases:expr, $doc:literal, $example:literal => $value:literal, $function:expr) => {
        const $constant: Definition = Definition {
            name: $name,
            aliases: $aliases,
            family: Family::Arithmetic,
            syntax: concat!($name, "(number)"),
            doc: $doc,
            example: ($example, $value),
            volatility: Volatility::Immutable,
            parameters: Parameters::Of(&[Kind::Double], 1),
            result: returns!(DataType::Float64),
            call: |call| {
                let values = call.double(0)?;
                let function: fn(f64) -> f64 = $function;
                call.primitives::<Float64Type>(|row| values.get(row).map(function))
            },
        };
    };
}

double!(SQRT, "SQRT", &[], "The square root.", "SQRT(2)" => "1.4142135623730951", f64::sqrt);
double!(EXP, "EXP", &[], "e to the power of the number.", "EXP(1)" => "2.718281828459045", f64::exp);
double!(LN, "LN", &[], "The natural logarithm.", "LN(10)" => "2.302585092994046", f64::ln);
double!(LOG10, "LOG10", &[], "The logarithm to base 10.", "LOG10(100)" => "2.0", f64::log10);
double!(LOG2, "LOG2", &[], "The logarithm to base 2.", "LOG2(8)" => "3.0", f64::log2);
double!(SIN, "SIN", &[], "The sine.", "SIN(1)" => "0.8414709848078965", f64::sin);
double!(COS, "COS", &[], "The cosine.", "COS(0)" => "1.0", f64::cos);
double!(TAN, "TAN", &[], "The tangent.", "TAN(0)" => "0.0", f64::tan);
double!(COT, "COT", &[], "The cotangent.", "ROUND(COT(1), 4)" => "0.6421", |value| 1.0 / value.tan());
double!(ASIN, "ASIN", &[], "The arc sine.", "ASIN(0)" => "0.0", f64::asin);
double!(ACOS, "ACOS", &[], "The arc cosine.", "ACOS(1)" => "0.0", f64::acos);
double!(ATAN, "ATAN", &[], "The arc tangent.", "ATAN(0)" => "0.0", f64::atan);
double!(SINH, "SINH", &[], "The hyperbolic sine.", "SINH(0)" => "0.0", f64::sinh);
double!(COSH, "COSH", &[], "The hyperbolic cosine.", "COSH(0)" => "1.0", f64::cosh);
double!(TANH, "TANH", &[], "The hyperbolic tangent.", "TANH(0)" => "0.0", f64::tanh);
double!(DEGREES, "DEGREES", &[], "Radians in degrees.", "DEGREES(1)" => "57.29577951308232", f64::to_degrees);
double!(RADIANS, "RADIANS", &[], "Degrees in radians.", "RADIANS(90)" => "1.5707963267948966", f64::to_radians);

const LOG: Definition = Definition {
    name: "LOG",
    aliases: &[],
    family: Family::Arithmetic,
    syntax: "LOG([base,] number)",
    doc: "The logarithm, natural or to a base.",
    example: ("LOG(2, 8)", "3.0"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Of(&[Kind::Double, Kind::Double], 1),
    result: returns!(DataType::Float64),
    call: |call| {
        let first = call.double(0)?;
        if call.len() == 1 {
            return call.primitives::<Float64Type>(|row| first.get(row).map(f64::ln));
        }
        let second = call.double(1)?;
        call.primitives::<Float64Type>(|row| Some(second.get(row)?.ln() / first.get(row)?.ln()))
    },
};

const POWER: Definition = Definition {
    name: "POWER",
    aliases: &["POW"],
    family: Family::Arithmetic,
    syntax: "POWER(base, exponent)",
    doc: "A number to the power of another.",
    example: ("POWER(2, 3)", "8.0"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Of(&[Kind::Double, Kind::Double], 2),
    result: returns!(DataType::Float64),
    call: |call| {
        let (base, exponent) = (call.double(0)?, call.double(1)?);
        call.primitives::<Float64Type>(|row| Some(base.get(row)?.powf(exponent.get(row)?)))
    },
};

const ATAN2: Definition = Definition {
    name: "ATAN2",
    aliases: &[],
    family: Family::Arithmetic,
    syntax: "ATAN2(y, x)",
    doc: "The angle of a point.",
    example: ("ATAN2(1, 2)", "0.4636476090008061"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Of(&[Kind::Double, Kind::Double], 2),
    result: returns!(DataType::Float64),
    call: |call| {
        let (y, x) = (call.double(0)?, call.double(1)?);
        call.primitives::<Float64Type>(|row| Some(y.get(row)?.atan2(x.get(row)?)))
    },
};

macro_rules! constant {
    ($constant:ident, $name:literal, $doc:literal, $value:literal, $number:expr) => {
        const $constant: Definition = Definition {
            name: $name,
            aliases: &[],
            family: Family::Arithmetic,
            syntax: concat!($name, "()"),
            doc: $doc,
            example: (concat!($name, "()"), $value),
            volatility: Volatility::Immutable,
            parameters: Parameters::Of(&[], 0),
            result: returns!(DataType::Float64),
            call: |call| call.primitives::<Float64Type>(|_| Some($number)),
        };
    };
}

constant!(PI, "PI", "π.", "3.141592653589793", std::f64::consts::PI);
constant!(E, "E", "Euler's number.", "2.718281828459045", std::f64::consts::E);

const MOD: Definition = Definition {
    name: "MOD",
    aliases: &[],
    family: Family::Arithmetic,
    syntax: "MOD(number, divisor)",
    doc: "The remainder, with the sign of the number. The same as `number % divisor`.",
    example: ("MOD(-7, 3)", "-1"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Rule(|types| match common(types)? {
        // Decimals keep their own precisions: they make the result's.
        DataType::Decimal128(..) if types.len() == 2 => types
            .iter()
            .map(|given| as_decimal(given).map(|(precision, scale)| DataType::Decimal128(precision, scale)))
            .collect(),
        // Integers keep their own types: that of the divisor is the result's.
        _ if types.len() == 2 && types.iter().all(DataType::is_signed_integer) => Some(types.to_vec()),
        number if number.is_numeric() && types.len() == 2 => Some(vec![number.clone(), number]),
        _ => None,
    }),
    result: |arguments| match arguments.types {
        [DataType::Decimal128(p1, s1), DataType::Decimal128(p2, s2)] => {
            let (precision, scale) = decimal::result_type(Operator::Modulo, (*p1, *s1), (*p2, *s2))?;
            Some(DataType::Decimal128(precision, scale))
        }
        [_, divisor] => Some(divisor.clone()),
        _ => None,
    },
    call: |call| {
        let (left, right) = (call.array(0)?, call.array(1)?);
        if let Some(function) = decimal::operator(Operator::Modulo, left.data_type(), right.data_type()) {
            return call.delegate(&function, vec![left, right]);
        }
        let wide = common(&[left.data_type().clone(), right.data_type().clone()]);
        let wide = wide.ok_or_else(|| Error::bug("MOD of what has no common type"))?;
        let (left, right) = (cast(&left, &wide)?, cast(&right, &wide)?);
        match division::operator(Operator::Modulo, &wide, &wide) {
            Some(function) => call.delegate(&function, vec![left, right]),
            None => Ok(numeric::rem(&left, &right)?),
        }
    },
};

const ABS: Definition = Definition {
    name: "ABS",
    aliases: &[],
    family: Family::Arithmetic,
    syntax: "ABS(number)",
    doc: "The absolute value.",
    example: ("ABS(-5)", "5"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Of(&[Kind::Number], 1),
    result: |arguments| arguments.first(),
    call: absolute,
};

/// The least integer of its type stays as it is, as in Java.
fn absolute(call: &Call) -> Result<ArrayRef> {
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::datatypes::{Decimal128Type, Float32Type, Int8Type, Int16Type, Int32Type, Int64Type};
    let array = call.array(0)?;
    macro_rules! apply {
        ($integer:ty) => {
            Arc::new(array.as_primitive::<$integer>().unary::<_, $integer>(|it| it.wrapping_abs()))
        };
    }
    Ok(match array.data_type() {
        DataType::Int8 => apply!(Int8Type),
        DataType::Int16 => apply!(Int16Type),
        DataType::Int32 => apply!(Int32Type),
        DataType::Int64 => apply!(Int64Type),
        DataType::Float32 => Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(f32::abs)),
        DataType::Float64 => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::abs)),
        _ => {
            let values = array.as_primitive::<Decimal128Type>().unary::<_, Decimal128Type>(i128::wrapping_abs);
            Arc::new(values.with_data_type(call.result.clone()))
        }
    })
}

const SIGN: Definition = Definition {
    name: "SIGN",
    aliases: &[],
    family: Family::Arithmetic,
    syntax: "SIGN(number)",
    doc: "-1, 0 or 1, of the number's type.",
    example: ("SIGN(-3)", "-1"),
    volatility: Volatility::Immutable,
    parameters: Parameters::Of(&[Kind::Number], 1),
    result: |arguments| arguments.first(),
    call: |call| {
        let doubles = cast(&call.array(0)?, &DataType::Float64)?;
        let signs: ArrayRef = Arc::new(
            datafusion::arrow::array::AsArray::as_primitive::<Float64Type>(&doubles)
                .unary::<_, Float64Type>(|value| if value == 0.0 || value.is_nan() { value } else { value.signum() }),
        );
        Ok(cast(&signs, call.result)?)
    },
};

pub const DEFINITIONS: &[&Definition] = &[
    &ABS, &MOD, &POWER, &SQRT, &EXP, &LN, &LOG, &LOG10, &LOG2, &SIGN, &SIN, &COS, &TAN, &COT, &ASIN, &ACOS, &ATAN,
    &ATAN2, &SINH, &COSH, &TANH, &DEGREES, &RADIANS, &PI, &E,
];
