//! Literals: numbers typed as Flink types them, dates, times, timestamps and intervals.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::sql::sqlparser::ast;

use crate::error::{Error, Result};
use crate::types;

/// A literal's value.
pub fn value(value: &ast::Value) -> Result<ScalarValue> {
    use ast::Value;
    match value {
        Value::Number(text, _) => number(text),
        Value::SingleQuotedString(text) | Value::UnicodeStringLiteral(text) | Value::NationalStringLiteral(text) => {
            Ok(ScalarValue::Utf8(Some(text.clone())))
        }
        Value::HexStringLiteral(text) => hexadecimal(text),
        Value::Boolean(value) => Ok(ScalarValue::Boolean(Some(*value))),
        Value::Null => Ok(ScalarValue::Null),
        other => Err(Error::user(format!("the literal {other} is not supported"))),
    }
}

/// INT where it fits, else BIGINT, else DECIMAL; with a point DECIMAL, with an exponent DOUBLE.
pub fn number(text: &str) -> Result<ScalarValue> {
    if let Ok(value) = text.parse::<i32>() {
        return Ok(ScalarValue::Int32(Some(value)));
    }
    if let Ok(value) = text.parse::<i64>() {
        return Ok(ScalarValue::Int64(Some(value)));
    }
    let out_of_range = || Error::user(format!("the number {text} is out of range"));
    if text.contains(['e', 'E']) {
        return match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(ScalarValue::Float64(Some(value))),
            _ => Err(out_of_range()),
        };
    }
    let negative = text.starts_with('-');
    let (whole, fraction) = text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
    let digits = format!("{}{fraction}", whole.trim_start_matches('0'));
    let precision = digits.len().max(fraction.len()).max(1);
    if precision > 38 {
        return Err(out_of_range());
    }
    let value: i128 = if digits.is_empty() { 0 } else { digits.parse().map_err(|_| out_of_range())? };
    let value = if negative { -value } else { value };
    Ok(ScalarValue::Decimal128(Some(value), precision as u8, fraction.len() as i8))
}

fn hexadecimal(text: &str) -> Result<ScalarValue> {
    let wrong = || Error::user(format!("X'{text}' is not a sequence of hexadecimal digit pairs"));
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let bytes = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16));
    Ok(ScalarValue::Binary(Some(bytes.collect::<Result<_, _>>().map_err(|_| wrong())?)))
}

/// `DATE '…'`, `TIME '…'`, `TIMESTAMP '…'`: the precision of a timestamp is the number of digits that are written.
pub fn typed(data_type: &ast::DataType, value: &ast::Value) -> Result<ScalarValue> {
    let ast::Value::SingleQuotedString(text) = value else {
        return Err(Error::user(format!("{data_type} wants a text, not {value}")));
    };
    let wrong = |what: &str| Error::user(format!("'{text}' is not a {what}"));
    let read = |data_type: DataType, what: &str| {
        ScalarValue::try_from_string(text.clone(), &data_type).map_err(|_| wrong(what))
    };
    match data_type {
        ast::DataType::Date => read(DataType::Date32, "date of the form 2024-12-31"),
        ast::DataType::Time(..) => read(DataType::Time32(TimeUnit::Millisecond), "time of the form 23:59:59.999"),
        ast::DataType::Timestamp(_, zone) => {
            let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32);
            let unit = types::time_unit(digits);
            let data_type = match zone {
                ast::TimezoneInfo::None | ast::TimezoneInfo::WithoutTimeZone => DataType::Timestamp(unit, None),
                _ => return Err(Error::user("a TIMESTAMP literal with a time zone is not supported")),
            };
            // Not read with so many digits, but with fewer: it is one of the years that they leave out.
            let is_far = unit == TimeUnit::Nanosecond
                && text.split_once('.').is_some_and(|(whole, _)| {
                    let seconds = DataType::Timestamp(TimeUnit::Second, None);
                    ScalarValue::try_from_string(whole.to_owned(), &seconds).is_ok()
                });
            read(data_type, "timestamp of the form 2024-12-31 23:59:59.999").map_err(|error| match is_far {
                true => Error::user(format!("the timestamp '{text}' is out of range")).hint(types::NANOSECONDS_END),
                false => error,
            })
        }
        other => Err(Error::user(format!("{other} literals are not supported"))),
    }
}

/// `INTERVAL '…' unit [TO unit]`: months for years and months, else milliseconds.
pub fn interval(interval: &ast::Interval) -> Result<ScalarValue> {
    let (text, negative) = interval_text(&interval.value)?;
    let leading = interval.leading_field.as_ref().ok_or_else(|| {
        Error::user(format!("INTERVAL '{text}' has no unit").as_str()).hint("write INTERVAL '1' HOUR")
    })?;
    let wrong = || {
        let to = interval.last_field.as_ref().map_or(String::new(), |last| format!(" TO {last}"));
        Error::user(format!("'{text}' is not an interval of {leading}{to}"))
    };
    let (negative, digits) = match text.trim().strip_prefix('-') {
        Some(rest) => (!negative, rest),
        None => (negative, text.trim().strip_prefix('+').unwrap_or(text.trim())),
    };
    let first = Unit::of(leading).ok_or_else(|| Error::user(format!("intervals of {leading} are not supported")))?;
    let last = match &interval.last_field {
        Some(field) => Unit::of(field).ok_or_else(|| Error::user(format!("intervals of {field} are not supported")))?,
        None => first,
    };
    if first.months().is_some() != last.months().is_some() || first > last {
        return Err(wrong());
    }
    let amount = parse(digits, first, last).ok_or_else(wrong)?;
    let amount = if negative { -amount } else { amount };
    Ok(match first.months() {
        Some(_) => ScalarValue::IntervalYearMonth(Some(i32::try_from(amount).map_err(|_| wrong())?)),
        None => ScalarValue::DurationMillisecond(Some(amount)),
    })
}

fn interval_text(value: &ast::Expr) -> Result<(String, bool)> {
    match value {
        ast::Expr::Value(value) => match &value.value {
            ast::Value::SingleQuotedString(text) => Ok((text.clone(), false)),
            ast::Value::Number(text, _) => Ok((text.clone(), false)),
            other => Err(Error::user(format!("an interval wants a text, not {other}"))),
        },
        ast::Expr::UnaryOp { op: ast::UnaryOperator::Minus, expr } => {
            interval_text(expr).map(|(text, negative)| (text, !negative))
        }
        other => Err(Error::user(format!("an interval must be a literal, not {other}"))),
    }
}

/// Units of intervals, from the largest to the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

impl Unit {
    fn of(field: &ast::DateTimeField) -> Option<Self> {
        use ast::DateTimeField as F;
        Some(match field {
            F::Year | F::Years => Unit::Year,
            F::Quarter => Unit::Quarter,
            F::Month | F::Months => Unit::Month,
            F::Week(None) | F::Weeks => Unit::Week,
            F::Day | F::Days => Unit::Day,
            F::Hour | F::Hours => Unit::Hour,
            F::Minute | F::Minutes => Unit::Minute,
            F::Second | F::Seconds => Unit::Second,
            _ => return None,
        })
    }

    fn months(self) -> Option<i64> {
        match self {
            Unit::Year => Some(12),
            Unit::Quarter => Some(3),
            Unit::Month => Some(1),
            _ => None,
        }
    }

    /// In months or in milliseconds.
    fn length(self) -> i64 {
        match self {
            Unit::Week => 7 * 86_400_000,
            Unit::Day => 86_400_000,
            Unit::Hour => 3_600_000,
            Unit::Minute => 60_000,
            Unit::Second => 1_000,
            months => months.months().unwrap_or(1),
        }
    }
}

/// `1 2:03:04.5` for DAY TO SECOND, `1-2` for YEAR TO MONTH, `90` for one unit.
fn parse(text: &str, first: Unit, last: Unit) -> Option<i64> {
    let units: Vec<Unit> = if first == last {
        vec![first]
    } else {
        let all = [Unit::Year, Unit::Month, Unit::Day, Unit::Hour, Unit::Minute, Unit::Second];
        all.into_iter().filter(|unit| (first..=last).contains(unit)).collect()
    };
    let mut parts = text.split([' ', ':', '-']);
    let mut total: i64 = 0;
    for unit in &units {
        let part = parts.next()?;
        let (whole, fraction) = match part.split_once('.') {
            Some((whole, fraction)) if *unit == Unit::Second => (whole, fraction),
            Some(_) => return None,
            None => (part, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        total = total.checked_add(whole.parse::<i64>().ok()?.checked_mul(unit.length())?)?;
        let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
        total = total.checked_add(thousandths.parse().ok()?)?;
    }
    parts.next().is_none().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_smallest_type() {
        assert_eq!(number("1").unwrap(), ScalarValue::Int32(Some(1)));
        assert_eq!(number("3000000000").unwrap(), ScalarValue::Int64(Some(3_000_000_000)));
        assert_eq!(number("1.50").unwrap(), ScalarValue::Decimal128(Some(150), 3, 2));
        assert_eq!(number("0.01").unwrap(), ScalarValue::Decimal128(Some(1), 2, 2));
        assert_eq!(number("1e3").unwrap(), ScalarValue::Float64(Some(1000.0)));
        assert!(number(&"9".repeat(39)).is_err());
    }

    #[test]
    fn intervals() {
        assert_eq!(parse("90", Unit::Minute, Unit::Minute), Some(5_400_000));
        assert_eq!(parse("1 2:03:04.5", Unit::Day, Unit::Second), Some(93_784_500));
        assert_eq!(parse("1-2", Unit::Year, Unit::Month), Some(14));
        assert_eq!(parse("1:x", Unit::Hour, Unit::Minute), None);
        assert_eq!(parse("1.5", Unit::Hour, Unit::Hour), None);
    }
}
