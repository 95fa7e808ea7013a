//! Texts as values.

use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int64Array, StringArray,
};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{DataType, TimeUnit};

use super::number::rescale;
use super::time::{Zone, column, from_local};
use crate::error::{Error, Result};
use crate::types::{NANOSECONDS_END, sql_type};

/// Parses a column.
///
/// # Errors
/// User errors that name the text, unless `is_try`: then it is NULL.
pub fn from_text(texts: &StringArray, to: &DataType, is_try: bool, zone: &Zone) -> Result<ArrayRef> {
    let wrong = |text: &str| match to {
        // A time, but not of the years that nanoseconds reach.
        DataType::Timestamp(TimeUnit::Nanosecond, _) if timestamp(text).is_some() => {
            Error::user(format!("the timestamp '{}' is out of range", shorten(text))).hint(NANOSECONDS_END)
        }
        _ => Error::user(format!("cannot cast '{}' to {}", shorten(text), sql_type(to))),
    };
    // Parses each text that is there.
    fn each<T>(
        texts: &StringArray,
        is_try: bool,
        wrong: impl Fn(&str) -> Error,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<Option<T>>> {
        texts
            .iter()
            .map(|text| match text {
                None => Ok(None),
                Some(text) => match parse(text) {
                    None if !is_try => Err(wrong(text)),
                    parsed => Ok(parsed),
                },
            })
            .collect()
    }
    Ok(match to {
        DataType::Boolean => Arc::new(BooleanArray::from(each(texts, is_try, wrong, boolean)?)),
        integer if integer.is_signed_integer() => {
            let bits = integer.primitive_width().unwrap_or(8) * 8;
            let (least, most) = (-1i64 << (bits - 1), i64::MAX >> (64 - bits));
            let parse = |text: &str| parse_integer(text).filter(|value| (least..=most).contains(value));
            let values: ArrayRef = Arc::new(Int64Array::from(each(texts, is_try, wrong, parse)?));
            compute::cast(&values, to)?
        }
        DataType::Float32 => {
            Arc::new(Float32Array::from(each(texts, is_try, wrong, |text| float(text)?.parse().ok())?))
        }
        DataType::Float64 => {
            Arc::new(Float64Array::from(each(texts, is_try, wrong, |text| float(text)?.parse().ok())?))
        }
        DataType::Decimal128(precision, scale) => {
            let limit = 10i128.pow((*precision).into());
            // What does not fit is NULL, whatever the cast; what is no number fails.
            let parse = |text: &str| {
                let text = text.trim();
                is_number(text).then(|| decimal(text, *scale).filter(|value| -limit < *value && *value < limit))
            };
            let values = each(texts, is_try, wrong, parse)?.into_iter().map(Option::flatten);
            Arc::new(values.collect::<Decimal128Array>().with_precision_and_scale(*precision, *scale)?)
        }
        DataType::Date32 => column(each(texts, is_try, wrong, |text| date(text).map(days))?.into_iter(), to)?,
        DataType::Time32(_) => {
            let parse = |text: &str| {
                let (seconds, nanoseconds) = time(text.trim(), 1)?;
                from_local(seconds, nanoseconds, to, zone)
            };
            column(each(texts, is_try, wrong, parse)?.into_iter(), to)?
        }
        DataType::Timestamp(..) => {
            let parse = |text: &str| {
                let (seconds, nanoseconds) = timestamp(text)?;
                from_local(seconds, nanoseconds, to, zone)
            };
            column(each(texts, is_try, wrong, parse)?.into_iter(), to)?
        }
        other => return Err(Error::user(format!("STRING cannot be cast to {}", sql_type(other)))),
    })
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn boolean(text: &str) -> Option<bool> {
    let is = |words: [&str; 5]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["true", "t", "yes", "y", "1"]) {
        Some(true)
    } else if is(["false", "f", "no", "n", "0"]) {
        Some(false)
    } else {
        None
    }
}

/// Sign, digits, and perhaps a fraction, which is cut off.
fn parse_integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole {
        // ".5" is 0, as for Flink.
        "" | "+" | "-" if !fraction.is_empty() => Some(0),
        whole => whole.parse().ok(),
    }
}

/// A number in the form that Rust parses to the same value as Java would; `None` for what Java does not parse.
pub fn float(text: &str) -> Option<&str> {
    let text = text.trim();
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    if bare == "NaN" || bare == "Infinity" {
        return Some(text);
    }
    if !bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    Some(text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text))
}

fn is_number(text: &str) -> bool {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = bare.split_once(['e', 'E']).unwrap_or((bare, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !(whole.is_empty() && fraction.is_empty()) && digits(whole) && digits(fraction) && exponent.parse::<i32>().is_ok()
}

/// A number, with or without exponent, as a decimal of this scale; rounded half up; `None` where it overflows.
pub fn decimal(text: &str, scale: i8) -> Option<i128> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits: i128 = 0;
    let mut dropped = 0i32;
    let mut kept_fraction = 0i32;
    for (index, byte) in whole.bytes().chain(fraction.bytes()).enumerate() {
        if !byte.is_ascii_digit() {
            return None;
        }
        match digits.checked_mul(10).and_then(|digits| digits.checked_add((byte - b'0').into())) {
            Some(more) if dropped == 0 => {
                digits = more;
                kept_fraction += i32::from(index >= whole.len());
            }
            _ if index >= whole.len() => {}
            _ => dropped += 1,
        }
    }
    // digits × 10^(dropped + exponent - kept_fraction), at this scale.
    let shift = i64::from(dropped) + i64::from(exponent) - i64::from(kept_fraction) + i64::from(scale);
    let value = match i8::try_from(shift) {
        _ if digits == 0 => 0,
        Ok(shift) if shift >= 0 => rescale(digits, 0, shift)?,
        Ok(shift) => rescale(digits, shift.checked_neg()?, 0)?,
        Err(_) if shift > 0 => return None,
        Err(_) => 0,
    };
    Some(if negative { -value } else { value })
}

fn days(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days())
}

/// `yyyy[-M[-d]]`, and what follows a space is ignored.
pub fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let (year, month, day) = date_parts(text.split(' ').next().unwrap_or_default())?;
    NaiveDate::from_ymd_opt(year, month, day)
}

fn date_parts(text: &str) -> Option<(i32, u32, u32)> {
    let mut parts = text.splitn(3, '-');
    let year = number(parts.next()?)?;
    let month = parts.next().map_or(Some(1), number)?;
    let day = parts.next().map_or(Some(1), number)?;
    Some((i32::try_from(year).ok()?, month, day))
}

fn number(text: &str) -> Option<u32> {
    (!text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

/// `H:m:s[.n]` as seconds of the day and nanoseconds; at least so many parts must be there.
fn time(text: &str, least: usize) -> Option<(i64, u32)> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let parts: Vec<u32> = clock.split(':').map(number).collect::<Option<_>>()?;
    if parts.len() < least || parts.len() > 3 || (parts.len() < 3 && !fraction.is_empty()) || fraction.len() > 9 {
        return None;
    }
    let part = |index: usize| parts.get(index).copied().unwrap_or(0);
    let (hour, minute, second) = (part(0), part(1), part(2));
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let nanoseconds = match fraction {
        "" => 0,
        digits => number(digits)? * 10u32.pow(9 - digits.len() as u32),
    };
    Some((i64::from(hour * 3600 + minute * 60 + second), nanoseconds))
}

/// `24:00:00`, which ends a day.
fn is_midnight_24(clock: &str) -> bool {
    clock.strip_prefix("24:").is_some_and(|rest| time(&format!("0:{rest}"), 3) == Some((0, 0)))
}

/// `yyyy-M-d[ H:m:s[.n]]` as seconds of the local clock since 1970 and nanoseconds. As Java's smart resolver has it, a day
/// up to 31 that the month lacks is its last, and 24:00:00 is the next midnight; a date alone is read strictly.
pub fn timestamp(text: &str) -> Option<(i64, u32)> {
    let text = text.trim();
    let (day, clock) = text.split_once(' ').map_or((text, None), |(day, clock)| (day, Some(clock)));
    if day.split('-').count() != 3 {
        return None;
    }
    let (year, month, day) = date_parts(day)?;
    // The last day there is: of the 28th to the 31st, those that the month lacks are left out.
    let fits = |day| NaiveDate::from_ymd_opt(year, month, day);
    let date = if (29..=31).contains(&day) { (28..=day).rev().find_map(fits)? } else { fits(day)? };
    let midnight = days(date) * 86_400;
    let (seconds, nanoseconds) = match clock {
        None => (0, 0),
        Some(clock) if is_midnight_24(clock) => (86_400, 0),
        Some(clock) => time(clock, 3)?,
    };
    Some((midnight + seconds, nanoseconds))
}
