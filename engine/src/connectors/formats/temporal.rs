//! Dates and times as text, both ways, for all formats and connectors. Days and units count from 1970-01-01.

use datafusion::arrow::datatypes::TimeUnit;

use crate::types::calendar::{date_of, days_of, days_of_month};

const SECONDS_PER_DAY: i64 = 86_400;

/// Units of a second.
pub fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// Appends `2020-01-31`.
pub fn write_date(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = date_of(days);
    if (0..=9999).contains(&year) {
        let year = year as u32;
        two(out, year / 100);
        two(out, year % 100);
    } else {
        let sign = if year < 0 { "-" } else { "+" };
        out.extend_from_slice(format!("{sign}{:04}", year.unsigned_abs()).as_bytes());
    }
    out.push(b'-');
    two(out, month);
    out.push(b'-');
    two(out, day);
}

/// Appends `23:59:58.123`: seconds always, of the fraction only what is not zero.
pub fn write_time(out: &mut Vec<u8>, seconds: u32, nanoseconds: u32) {
    two(out, seconds / 3600);
    out.push(b':');
    two(out, seconds / 60 % 60);
    out.push(b':');
    two(out, seconds % 60);
    if nanoseconds != 0 {
        let digits = format!(".{nanoseconds:09}");
        out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
    }
}

/// Appends date, `separator` and time.
pub fn write_timestamp(out: &mut Vec<u8>, value: i64, unit: TimeUnit, separator: u8) {
    let (days, seconds, nanoseconds) = split(value, unit);
    write_date(out, days);
    out.push(separator);
    write_time(out, seconds, nanoseconds);
}

/// Days, seconds of the day, nanoseconds of the second.
pub fn split(value: i64, unit: TimeUnit) -> (i64, u32, u32) {
    let per_second = per_second(unit);
    let seconds = value.div_euclid(per_second);
    let fraction = value.rem_euclid(per_second) * (1_000_000_000 / per_second);
    (seconds.div_euclid(SECONDS_PER_DAY), seconds.rem_euclid(SECONDS_PER_DAY) as u32, fraction as u32)
}

fn two(out: &mut Vec<u8>, number: u32) {
    out.push(b'0' + (number / 10 % 10) as u8);
    out.push(b'0' + (number % 10) as u8);
}

/// Days of `2020-01-31`.
pub fn parse_date(text: &[u8]) -> Option<i64> {
    let text: &[u8; 10] = text.try_into().ok()?;
    date_at(text)
}

/// Seconds of the day and nanoseconds of `23:59:58.123`; `23:59` where `seconds_optional`.
pub fn parse_time(text: &[u8], seconds_optional: bool) -> Option<(u32, u32)> {
    if text.len() == 5 && seconds_optional {
        let [a, b, b':', c, d] = *text else { return None };
        let (hours, minutes) = (pair(a, b)?, pair(c, d)?);
        return (hours < 24 && minutes < 60).then_some((hours * 3600 + minutes * 60, 0));
    }
    let (time, fraction) = text.split_at_checked(8)?;
    let &[a, b, b':', c, d, b':', e, f] = time else { return None };
    let (hours, minutes, seconds) = (pair(a, b)?, pair(c, d)?, pair(e, f)?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    Some((hours * 3600 + minutes * 60 + seconds, parse_fraction(fraction)?))
}

/// Milliseconds of the day of what [`parse_time`] takes.
pub fn parse_millis_of_day(text: &[u8], seconds_optional: bool) -> Option<i64> {
    let (seconds, nanoseconds) = parse_time(text, seconds_optional)?;
    Some(i64::from(seconds) * 1000 + i64::from(nanoseconds / 1_000_000))
}

/// Units of a timestamp without a zone: date, `separator`, time. Finer digits than the unit are cut off.
#[inline]
pub fn parse_timestamp(text: &[u8], separator: u8, unit: TimeUnit) -> Option<i64> {
    let (date, time) = text.split_at_checked(10)?;
    let days = date_at(date.try_into().ok()?)?;
    let (&first, time) = time.split_first()?;
    if first != separator {
        return None;
    }
    let (seconds, nanoseconds) = parse_time(time, separator == b'T')?;
    let per_second = per_second(unit);
    (days * SECONDS_PER_DAY + i64::from(seconds))
        .checked_mul(per_second)?
        .checked_add(i64::from(nanoseconds) / (1_000_000_000 / per_second))
}

#[inline]
fn date_at(text: &[u8; 10]) -> Option<i64> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else { return None };
    let year = i64::from(pair(y1, y2)? * 100 + pair(y3, y4)?);
    let (month, day) = (pair(m1, m2)?, pair(d1, d2)?);
    if !(1..=12).contains(&month) || day == 0 || (day > 28 && day > days_of_month(year, month)) {
        return None;
    }
    Some(days_of(year, month, day))
}

#[inline]
fn pair(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then_some(u32::from(tens) * 10 + u32::from(ones))
}

/// Nanoseconds of nothing or `.123`, one to nine digits.
#[inline]
fn parse_fraction(text: &[u8]) -> Option<u32> {
    const POWERS: [u32; 10] = [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let Some((&point, digits)) = text.split_first() else { return Some(0) };
    if point != b'.' || digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let mut value = 0;
    for &digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
    }
    Some(value * POWERS[digits.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn timestamps_round_trip(value in -62_135_596_800_000i64..253_402_300_799_999) {
            for separator in *b" T" {
                let mut text = Vec::new();
                write_timestamp(&mut text, value, TimeUnit::Millisecond, separator);
                prop_assert_eq!(parse_timestamp(&text, separator, TimeUnit::Millisecond), Some(value));
            }
        }

        #[test]
        fn dates_agree_with_arrow(days in -700_000i32..2_900_000) {
            use datafusion::arrow::array::{Array, Date32Array};
            let array = Date32Array::from(vec![days]);
            let expected = datafusion::arrow::util::display::array_value_to_string(&array as &dyn Array, 0).unwrap();
            let mut text = Vec::new();
            write_date(&mut text, i64::from(days));
            prop_assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["2020-02-30 00:00:00", "2020-13-01 00:00:00", "2020-01-01 24:00:00", "2020-01-01T00:00:00", "x"] {
            assert_eq!(parse_timestamp(text.as_bytes(), b' ', TimeUnit::Second), None, "{text}");
        }
        assert_eq!(parse_timestamp(b"1970-01-01T00:01", b'T', TimeUnit::Second), Some(60));
        assert_eq!(parse_timestamp(b"1970-01-01 00:00:01.5", b' ', TimeUnit::Microsecond), Some(1_500_000));
    }
}
