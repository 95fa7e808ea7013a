//! Operators: arithmetic, comparison, logic, concatenation; with Flink's types.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, lit, when};
use datafusion::sql::sqlparser::ast::{self, BinaryOperator, Spanned, UnaryOperator};

use super::coercion::{common_type, comparison_type, is_day_interval, is_month_interval};
use super::convert::cast;
use super::{Binder, Scope, literal, unsupported};
use crate::error::{Error, Result};
use crate::functions::scalar::flink_semantics;
use crate::types::sql_type;

impl Binder<'_> {
    pub(super) fn binary(
        &self,
        left: &ast::Expr,
        operator: &BinaryOperator,
        right: &ast::Expr,
        scope: &Scope,
    ) -> Result<Expr> {
        let comparison = |operator| self.comparison(left, operator, right, scope);
        let logic = |operator| {
            let (left, right) = (self.condition(left, scope)?, self.condition(right, scope)?);
            Ok(binary_expr(left, operator, right))
        };
        match operator {
            BinaryOperator::And => logic(Operator::And),
            BinaryOperator::Or => logic(Operator::Or),
            BinaryOperator::Eq => comparison(Operator::Eq),
            BinaryOperator::NotEq => comparison(Operator::NotEq),
            BinaryOperator::Lt => comparison(Operator::Lt),
            BinaryOperator::LtEq => comparison(Operator::LtEq),
            BinaryOperator::Gt => comparison(Operator::Gt),
            BinaryOperator::GtEq => comparison(Operator::GtEq),
            BinaryOperator::Plus => self.arithmetic(left, Operator::Plus, right, scope),
            BinaryOperator::Minus => self.arithmetic(left, Operator::Minus, right, scope),
            BinaryOperator::Multiply => self.arithmetic(left, Operator::Multiply, right, scope),
            BinaryOperator::Divide => self.arithmetic(left, Operator::Divide, right, scope),
            BinaryOperator::Modulo => self.arithmetic(left, Operator::Modulo, right, scope),
            BinaryOperator::StringConcat => {
                let (left, right) = (self.text(left, scope)?, self.text(right, scope)?);
                Ok(binary_expr(left, Operator::StringConcat, right))
            }
            BinaryOperator::Overlaps => self.overlaps(left, right, scope),
            other => Err(unsupported(format_args!("the operator {other}"), left.span())),
        }
    }

    pub(super) fn unary(&self, operator: &UnaryOperator, inner: &ast::Expr, scope: &Scope) -> Result<Expr> {
        match operator {
            UnaryOperator::Not => Ok(Expr::Not(Box::new(self.condition(inner, scope)?))),
            UnaryOperator::Plus => self.expression(inner, scope),
            UnaryOperator::Minus => {
                if let ast::Expr::Value(value) = inner
                    && let ast::Value::Number(text, _) = &value.value
                {
                    return Ok(Expr::Literal(literal::number(&format!("-{text}"))?, None));
                }
                let value = self.expression(inner, scope)?;
                match value.get_type(scope.schema)? {
                    data_type if data_type.is_numeric() => Ok(Expr::Negative(Box::new(value))),
                    interval if is_day_interval(&interval) || is_month_interval(&interval) => {
                        negative_interval(value, interval)
                    }
                    other => Err(Error::user(format!("- is not defined for {}", sql_type(&other)))),
                }
            }
            other => Err(unsupported(format_args!("the operator {other}"), inner.span())),
        }
    }

    pub(super) fn comparison(
        &self,
        left: &ast::Expr,
        operator: Operator,
        right: &ast::Expr,
        scope: &Scope,
    ) -> Result<Expr> {
        let (left_value, right_value) = (self.expression(left, scope)?, self.expression(right, scope)?);
        let (left_type, right_type) = (left_value.get_type(scope.schema)?, right_value.get_type(scope.schema)?);
        let target = comparison_type(&left_type, &right_type).ok_or_else(|| {
            let message = format!("{} and {} cannot be compared", sql_type(&left_type), sql_type(&right_type));
            Error::user(message).hint("use CAST")
        })?;
        let left_value = cast(left_value, &target, scope.schema)?;
        let right_value = cast(right_value, &target, scope.schema)?;
        Ok(binary_expr(left_value, operator, right_value))
    }

    fn arithmetic(&self, left: &ast::Expr, operator: Operator, right: &ast::Expr, scope: &Scope) -> Result<Expr> {
        let (left, right) = (self.expression(left, scope)?, self.expression(right, scope)?);
        self.compute(left, operator, right, scope)
    }

    /// Arithmetic of numbers, and of times with intervals.
    pub(super) fn compute(&self, left: Expr, operator: Operator, right: Expr, scope: &Scope) -> Result<Expr> {
        let schema = scope.schema;
        let (left_type, right_type) = (left.get_type(schema)?, right.get_type(schema)?);
        let is_interval = |data_type: &DataType| is_day_interval(data_type) || is_month_interval(data_type);
        let is_time = |data_type: &DataType| {
            matches!(data_type, DataType::Timestamp(..) | DataType::Date32 | DataType::Time32(_))
        };
        let binary = |left, right| -> Result<Expr> { Ok(flink_semantics(binary_expr(left, operator, right), schema)?) };
        let undefined = || {
            let message =
                format!("{operator} is not defined for {} and {}", sql_type(&left_type), sql_type(&right_type));
            Err(Error::user(message))
        };
        match (&left_type, &right_type) {
            (left_type, right_type) if is_time(left_type) && is_interval(right_type) => match operator {
                Operator::Plus | Operator::Minus => self.shift(left, operator, right, scope),
                _ => undefined(),
            },
            (left_type, right_type) if is_interval(left_type) && is_time(right_type) => match operator {
                Operator::Plus => self.shift(right, operator, left, scope),
                _ => undefined(),
            },
            (left_type, right_type) if is_interval(left_type) && left_type == right_type => match operator {
                Operator::Plus | Operator::Minus => binary(left, right),
                _ => undefined(),
            },
            (left_type, right_type) => {
                let number = |data_type: &DataType| data_type.is_numeric() || *data_type == DataType::Null;
                if !number(left_type) || !number(right_type) {
                    return undefined();
                }
                let decimal = |data_type: &DataType| matches!(data_type, DataType::Decimal128(..));
                match common_type(left_type, right_type) {
                    Some(DataType::Null) => {
                        binary(cast(left, &DataType::Int32, schema)?, cast(right, &DataType::Int32, schema)?)
                    }
                    // Decimals keep their own precisions: they make the result's.
                    Some(common) if decimal(&common) => {
                        let own = |value: Expr, data_type: &DataType| match data_type {
                            DataType::Decimal128(..) => Ok(value),
                            DataType::Null => cast(value, &common, schema),
                            integer => {
                                let (precision, scale) = super::coercion::as_decimal(integer);
                                cast(value, &super::coercion::decimal(precision, scale), schema)
                            }
                        };
                        binary(own(left, left_type)?, own(right, right_type)?)
                    }
                    Some(common) => {
                        let value = binary(cast(left, &common, schema)?, cast(right, &common, schema)?)?;
                        // A remainder is nearer to 0 than its divisor, whose type it has.
                        let of_integers = left_type.is_signed_integer() && right_type.is_signed_integer();
                        match operator == Operator::Modulo && of_integers {
                            true => cast(value, right_type, schema),
                            false => Ok(value),
                        }
                    }
                    None => undefined(),
                }
            }
        }
    }

    /// A time earlier or later by an interval.
    fn shift(&self, time: Expr, operator: Operator, interval: Expr, scope: &Scope) -> Result<Expr> {
        let schema = scope.schema;
        let binary = |left: Expr, right: Expr| binary_expr(left, operator, right);
        let time_type = time.get_type(schema)?;
        let months = is_month_interval(&interval.get_type(schema)?);
        match time_type {
            DataType::Time32(_) => time_of_day(time, operator, interval, schema),
            _ if months => Ok(binary(time, interval)),
            // Whole days are what a date is shifted by; the rest of the interval counts for nothing.
            DataType::Date32 => {
                let days = match interval {
                    Expr::Literal(ScalarValue::DurationMillisecond(Some(length)), _) => lit(length / DAY),
                    other => binary_expr(milliseconds(other), Operator::Divide, lit(DAY)),
                };
                let days = if operator == Operator::Minus { Expr::Negative(Box::new(days)) } else { days };
                self.built_in("TIMESTAMPADD", vec![lit("DAY"), days, time], scope)
            }
            // An interval has milliseconds, so the time needs them too.
            DataType::Timestamp(TimeUnit::Second, zone) => {
                let milliseconds = DataType::Timestamp(TimeUnit::Millisecond, zone);
                Ok(binary(cast(time, &milliseconds, schema)?, interval))
            }
            DataType::Timestamp(unit, _) => {
                let interval = match (interval, unit) {
                    (interval, TimeUnit::Millisecond) => interval,
                    (interval, unit) => cast_interval(interval, unit)?,
                };
                Ok(binary(time, interval))
            }
            other => Err(Error::user(format!("{operator} is not defined for {} and an interval", sql_type(&other)))),
        }
    }
}

const MILLISECONDS: DataType = DataType::Duration(TimeUnit::Millisecond);

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// An interval the other way. DataFusion negates those of months only, and no literals of them.
fn negative_interval(interval: Expr, data_type: DataType) -> Result<Expr> {
    let too_long = || Error::user("the interval is too long to be negated");
    match interval {
        Expr::Literal(ScalarValue::DurationMillisecond(Some(length)), metadata) => {
            let length = length.checked_neg().ok_or_else(too_long)?;
            Ok(Expr::Literal(ScalarValue::DurationMillisecond(Some(length)), metadata))
        }
        Expr::Literal(ScalarValue::IntervalYearMonth(Some(months)), metadata) => {
            let months = months.checked_neg().ok_or_else(too_long)?;
            Ok(Expr::Literal(ScalarValue::IntervalYearMonth(Some(months)), metadata))
        }
        months if is_month_interval(&data_type) => Ok(Expr::Negative(Box::new(months))),
        length => {
            let number = cast_plain(cast_plain(length, MILLISECONDS), DataType::Int64);
            Ok(cast_plain(Expr::Negative(Box::new(number)), MILLISECONDS))
        }
    }
}

/// A time of day later or earlier by an interval: what is beyond midnight begins a day anew. Months change nothing.
fn time_of_day(time: Expr, operator: Operator, interval: Expr, schema: &DFSchema) -> Result<Expr> {
    let time_type = time.get_type(schema)?;
    if is_month_interval(&interval.get_type(schema)?) {
        let null = Expr::Literal(ScalarValue::try_from(&time_type)?, None);
        return Ok(when(interval.is_null(), null).otherwise(time)?);
    }
    let of_day = cast_plain(cast_plain(time, DataType::Int32), DataType::Int64);
    let part_of_day = binary_expr(milliseconds(interval), Operator::Modulo, lit(DAY));
    let shifted = binary_expr(of_day, operator, part_of_day);
    let of_day = binary_expr(binary_expr(shifted, Operator::Plus, lit(DAY)), Operator::Modulo, lit(DAY));
    Ok(cast_plain(cast_plain(of_day, DataType::Int32), time_type))
}

/// The length of a day-time interval as a number.
fn milliseconds(interval: Expr) -> Expr {
    match interval {
        Expr::Literal(ScalarValue::DurationMillisecond(Some(length)), _) => lit(length),
        other => cast_plain(cast_plain(other, MILLISECONDS), DataType::Int64),
    }
}

pub(super) fn binary_expr(left: Expr, operator: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)))
}

fn cast_plain(value: Expr, to: DataType) -> Expr {
    Expr::Cast(datafusion::logical_expr::Cast::new(Box::new(value), to))
}

/// A day-time interval in the unit of the timestamp it is added to.
fn cast_interval(interval: Expr, unit: TimeUnit) -> Result<Expr> {
    let target = DataType::Duration(unit);
    match interval {
        Expr::Literal(value, metadata) => Ok(Expr::Literal(value.cast_to(&target)?, metadata)),
        other => Ok(Expr::Cast(datafusion::logical_expr::Cast::new(Box::new(other), target))),
    }
}
