//! Arithmetic of decimals: Flink's result types, rounding half up, and NULL where a result does not fit.

use std::sync::Arc;

use datafusion::arrow::array::types::Decimal128Type;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Decimal128Array};
use datafusion::arrow::datatypes::{DataType, i256};
use datafusion::common::ScalarValue;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::parameters::as_decimal;
use crate::error::{Error, Result};

/// Digits after the point that a result keeps at least, where its precision is cut to 38.
const LEAST_SCALE: i16 = 6;
const MOST: i16 = 38;

/// The function that computes an operator of these types, where one is a decimal and the other a decimal or integer.
pub fn operator(operator: Operator, left: &DataType, right: &DataType) -> Option<ScalarUDF> {
    let is_decimal = |data_type: &DataType| matches!(data_type, DataType::Decimal128(..));
    if !is_decimal(left) && !is_decimal(right) {
        return None;
    }
    let (left, right) = (as_decimal(left)?, as_decimal(right)?);
    result_type(operator, left, right)?;
    Some(ScalarUDF::new_from_impl(DecimalArithmetic {
        operator,
        left,
        right,
        signature: Signature::any(2, Volatility::Immutable),
    }))
}

/// Precision and scale of a result.
pub fn result_type(operator: Operator, left: (u8, i8), right: (u8, i8)) -> Option<(u8, i8)> {
    let (p1, s1, p2, s2) = (i16::from(left.0), i16::from(left.1), i16::from(right.0), i16::from(right.1));
    let (precision, scale) = match operator {
        Operator::Plus | Operator::Minus => {
            let scale = s1.max(s2);
            ((p1 - s1).max(p2 - s2) + scale + 1, scale)
        }
        Operator::Multiply => (p1 + p2 + 1, s1 + s2),
        Operator::Divide => {
            let scale = LEAST_SCALE.max(s1 + p2 + 1);
            (p1 - s1 + s2 + scale, scale)
        }
        Operator::Modulo => {
            let scale = s1.max(s2);
            ((p1 - s1).min(p2 - s2) + scale, scale)
        }
        _ => return None,
    };
    if precision <= MOST {
        return Some((precision as u8, scale as i8));
    }
    let whole = precision - scale;
    Some((MOST as u8, (MOST - whole).max(scale.min(LEAST_SCALE)) as i8))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DecimalArithmetic {
    operator: Operator,
    left: (u8, i8),
    right: (u8, i8),
    signature: Signature,
}

impl DecimalArithmetic {
    fn result(&self) -> Result<(u8, i8)> {
        result_type(self.operator, self.left, self.right)
            .ok_or_else(|| Error::bug(format!("{} is no arithmetic of decimals", self.operator)))
    }

    fn compute(&self, left: &ArrayRef, right: &ArrayRef, rows: usize) -> Result<ArrayRef> {
        let (precision, scale) = self.result()?;
        let (left, right) = (wide(left, self.left)?, wide(right, self.right)?);
        let limit = i256::from_i128(10i128.pow(precision.into()));
        let (left_step, right_step) = (usize::from(left.len() == rows), usize::from(right.len() == rows));
        let mut values = Vec::with_capacity(rows);
        for row in 0..rows {
            let (left_row, right_row) = (row * left_step, row * right_step);
            if left.is_null(left_row) || right.is_null(right_row) {
                values.push(None);
                continue;
            }
            let exact = self.one(left.value(left_row), right.value(right_row), scale)?;
            let fits = exact.filter(|value| *value < limit && *value > limit.wrapping_neg());
            values.push(fits.and_then(i256::to_i128));
        }
        Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(precision, scale)?))
    }

    /// The result at the result's scale; `None` where not even 256 bits hold it.
    fn one(&self, left: i128, right: i128, scale: i8) -> Result<Option<i256>> {
        let (s1, s2) = (self.left.1, self.right.1);
        let (left, right) = (i256::from_i128(left), i256::from_i128(right));
        let zero = || Error::user("division by zero");
        Ok(match self.operator {
            Operator::Plus | Operator::Minus => {
                let exact = s1.max(s2);
                let both = shift(left, exact - s1).zip(shift(right, exact - s2));
                let sum = both.and_then(|(left, right)| match self.operator {
                    Operator::Plus => left.checked_add(right),
                    _ => left.checked_sub(right),
                });
                sum.and_then(|sum| shift(sum, scale - exact))
            }
            Operator::Multiply => left.checked_mul(right).and_then(|product| shift(product, scale - s1 - s2)),
            Operator::Divide => {
                if right == i256::ZERO {
                    return Err(zero());
                }
                // left/10^s1 ÷ right/10^s2, at `scale`.
                let raise = scale - s1 + s2;
                let (left, right) =
                    if raise >= 0 { (shift(left, raise), Some(right)) } else { (Some(left), shift(right, -raise)) };
                left.zip(right).map(|(left, right)| divide_half_up(left, right))
            }
            _ => {
                if right == i256::ZERO {
                    return Err(zero());
                }
                let exact = s1.max(s2);
                let both = shift(left, exact - s1).zip(shift(right, exact - s2));
                both.and_then(|(left, right)| left.checked_rem(right)).and_then(|rest| shift(rest, scale - exact))
            }
        })
    }
}

/// Times ten to the power; rounded half up where the power is negative.
fn shift(value: i256, power: i8) -> Option<i256> {
    let unit = i256::from_i128(10).checked_pow(u32::from(power.unsigned_abs()))?;
    if power >= 0 { value.checked_mul(unit) } else { Some(divide_half_up(value, unit)) }
}

/// `divisor` is not 0.
fn divide_half_up(value: i256, divisor: i256) -> i256 {
    let (quotient, rest) = (value.wrapping_div(divisor), value.wrapping_rem(divisor));
    let twice = rest.wrapping_abs().wrapping_add(rest.wrapping_abs());
    if twice < divisor.wrapping_abs() {
        return quotient;
    }
    let one = i256::from_i128(1);
    let negative = (value < i256::ZERO) != (divisor < i256::ZERO);
    if negative { quotient.wrapping_sub(one) } else { quotient.wrapping_add(one) }
}

/// A decimal, or an integer as a decimal.
fn wide(array: &ArrayRef, (precision, scale): (u8, i8)) -> Result<Decimal128Array> {
    let wanted = DataType::Decimal128(precision, scale);
    let array =
        if *array.data_type() == wanted { array.clone() } else { datafusion::arrow::compute::cast(array, &wanted)? };
    Ok(array.as_primitive::<Decimal128Type>().clone())
}

impl ScalarUDFImpl for DecimalArithmetic {
    fn name(&self) -> &str {
        match self.operator {
            Operator::Plus => "+",
            Operator::Minus => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            _ => "%",
        }
    }

    fn display_name(&self, arguments: &[Expr]) -> DataFusionResult<String> {
        let arguments = arguments.iter().map(ToString::to_string).collect::<Vec<_>>();
        Ok(format!("({})", arguments.join(&format!(" {} ", self.name()))))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _types: &[DataType]) -> DataFusionResult<DataType> {
        let (precision, scale) = self.result()?;
        Ok(DataType::Decimal128(precision, scale))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let all_constant = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if all_constant { 1 } else { arguments.number_rows };
        let to_array = |value: &ColumnarValue| match value {
            ColumnarValue::Array(array) => Ok(array.clone()),
            ColumnarValue::Scalar(value) => value.to_array(),
        };
        let columns = arguments.args.iter().map(to_array).collect::<DataFusionResult<Vec<_>>>()?;
        let [left, right] = columns.as_slice() else {
            return Err(Error::bug(format!("{} of {} arguments", self.name(), columns.len())).into());
        };
        let array = self.compute(left, right, rows)?;
        Ok(if all_constant {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?)
        } else {
            ColumnarValue::Array(array)
        })
    }
}
