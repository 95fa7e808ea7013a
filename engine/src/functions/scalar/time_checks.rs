//! What the functions of times take as units and patterns. Literals are checked when a call is planned: otherwise what
//! is wrong would show with the first row.

use datafusion::arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::ScalarValue;

use super::function::Arguments;
use super::time_arithmetic::{ADDED, COUNTED};
use super::time_parts::{PARTS_OF_DAYS, PARTS_OF_MONTHS, ROUNDED, ROUNDED_TIME, Unit};
use super::time_pattern::Pattern;
use super::time_simple_pattern::SimplePattern;
use crate::error::{Error, Result};

/// # Errors
/// A user error for a unit or pattern that the function of this name does not take.
pub fn check(name: &str, arguments: &Arguments) -> Result<()> {
    let of_type = |index: usize| arguments.types.get(index);
    let checked = match name {
        "TIMESTAMPADD" => unit(name, arguments, 0, ADDED),
        "TIMESTAMPDIFF" => unit(name, arguments, 0, COUNTED),
        "FLOOR" | "CEIL" if matches!(of_type(0), Some(DataType::Time32(_))) => unit(name, arguments, 1, ROUNDED_TIME),
        "FLOOR" | "CEIL" => unit(name, arguments, 1, ROUNDED),
        "EXTRACT" => match of_type(1) {
            Some(DataType::Interval(IntervalUnit::YearMonth)) => unit(name, arguments, 0, PARTS_OF_MONTHS),
            Some(DataType::Duration(_)) => unit(name, arguments, 0, PARTS_OF_DAYS),
            _ => Ok(()),
        },
        "DATE_FORMAT" if of_type(0) != Some(&DataType::Utf8) => pattern(arguments, |it| Pattern::parse(it).map(drop)),
        "TO_TIMESTAMP_LTZ" if of_type(0) != Some(&DataType::Utf8) => precision(arguments),
        "TO_TIMESTAMP" | "TO_TIMESTAMP_LTZ" => pattern(arguments, |it| Pattern::parse(it).map(drop)),
        "DATE_FORMAT" | "TO_DATE" | "UNIX_TIMESTAMP" | "FROM_UNIXTIME" => {
            pattern(arguments, |it| SimplePattern::parse(it).map(drop))
        }
        _ => Ok(()),
    };
    checked.map_err(|error| error.context(format!("in {name}")))
}

fn unit(name: &str, arguments: &Arguments, index: usize, taken: &[&str]) -> Result<()> {
    let Some(given) = arguments.constant_text(index) else { return Ok(()) };
    let unit = Unit::parse(given)?;
    // A unit may have another name, such as SQL_TSI_DAY.
    if taken.iter().any(|taken| Unit::find(taken) == Some(unit)) {
        return Ok(());
    }
    let what = match (name, arguments.types.get(1)) {
        ("EXTRACT", _) => "the interval has no",
        ("TIMESTAMPADD", _) => "to a time cannot be added a",
        ("TIMESTAMPDIFF", _) => "between times is not counted by",
        _ => "a time cannot be rounded to",
    };
    Err(Error::user(format!("{what} {given}")).hint(format!("the units are {}", taken.join(", "))))
}

/// The digits after the second, which are the second argument.
fn precision(arguments: &Arguments) -> Result<()> {
    match arguments.constants.get(1).copied().flatten() {
        Some(ScalarValue::Int32(Some(precision))) if !(0..=9).contains(precision) => {
            Err(Error::user(format!("the precision must be between 0 and 9, not {precision}")))
        }
        _ => Ok(()),
    }
}

/// The pattern is the second argument.
fn pattern(arguments: &Arguments, check: fn(&str) -> Result<()>) -> Result<()> {
    arguments.constant_text(1).map_or(Ok(()), check)
}
