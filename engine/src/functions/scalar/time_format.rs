//! Times to texts and back, by Java's patterns.

use std::cell::RefCell;
use std::fmt::Write;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::array::types::Int64Type;
use datafusion::arrow::datatypes::{DataType, TimeUnit};

use super::cast::{Zone, cast_array, column, from_local, parse_date, parse_timestamp};
use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use super::time_parts::LocalTimes;
use crate::error::{Error, Result};

const SECONDS: &str = "yyyy-MM-dd HH:mm:ss";

/// How often a letter may stand in a row: it is the width of a number, and those that Rust writes end at 65,535.
const MOST_LETTERS: usize = 64;

/// A pattern of `java.time.format.DateTimeFormatter`, in parts.
struct Pattern(Vec<Part>);

enum Part {
    Text(String),
    Year(usize),
    Month(usize),
    Day(usize),
    DayOfYear(usize),
    /// Name of the day of the week, in full or of three letters.
    Weekday {
        full: bool,
    },
    /// From 0 to 23.
    Hour(usize),
    /// From 1 to 12.
    HourOfHalf(usize),
    Minute(usize),
    Second(usize),
    /// So many digits after the second.
    Fraction(usize),
    HalfOfDay,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl Pattern {
    /// # Errors
    /// A user error for letters that are not supported, or stand too often in a row.
    fn parse(pattern: &str) -> Result<Self> {
        let mut parts = vec![];
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter == '\'' {
                let mut text = String::new();
                // Two quotes are a quote, inside and outside.
                loop {
                    match letters.next() {
                        Some('\'') if letters.next_if_eq(&'\'').is_some() => text.push('\''),
                        Some('\'') | None => break,
                        Some(other) => text.push(other),
                    }
                }
                parts.push(Part::Text(if text.is_empty() { "'".to_owned() } else { text }));
                continue;
            }
            if !letter.is_ascii_alphabetic() {
                parts.push(Part::Text(letter.to_string()));
                continue;
            }
            let mut count = 1;
            while letters.next_if_eq(&letter).is_some() {
                count += 1;
            }
            if count > MOST_LETTERS {
                return Err(Error::user(format!(
                    "`{letter}` stands {count} times in a row in a pattern; at most {MOST_LETTERS} times"
                )));
            }
            parts.push(match letter {
                'y' | 'u' => Part::Year(count),
                'M' | 'L' => Part::Month(count),
                'd' => Part::Day(count),
                'D' => Part::DayOfYear(count),
                'E' => Part::Weekday { full: count > 3 },
                'H' => Part::Hour(count),
                'h' => Part::HourOfHalf(count),
                'm' => Part::Minute(count),
                's' => Part::Second(count),
                'S' => Part::Fraction(count.min(9)),
                'a' => Part::HalfOfDay,
                other => {
                    return Err(Error::user(format!(
                        "the letter `{other}` in the pattern '{pattern}' is not supported"
                    ))
                    .hint("known are y, M, d, D, E, H, h, m, s, S, a and text in single quotes"));
                }
            });
        }
        Ok(Pattern(parts))
    }

    fn write(&self, time: NaiveDateTime, out: &mut String) {
        let name = |name: &'static str, full: bool| if full { name } else { &name[..3] };
        for part in &self.0 {
            // Writing to a String does not fail.
            let _ = match part {
                Part::Text(text) => out.write_str(text),
                Part::Year(2) => write!(out, "{:02}", time.year().rem_euclid(100)),
                Part::Year(width) => write!(out, "{:0width$}", time.year()),
                Part::Month(width @ 3..) => out.write_str(name(MONTHS[time.month0() as usize % 12], *width > 3)),
                Part::Month(width) => write!(out, "{:0width$}", time.month()),
                Part::Day(width) => write!(out, "{:0width$}", time.day()),
                Part::DayOfYear(width) => write!(out, "{:0width$}", time.ordinal()),
                Part::Weekday { full } => {
                    out.write_str(name(DAYS[time.weekday().num_days_from_monday() as usize % 7], *full))
                }
                Part::Hour(width) => write!(out, "{:0width$}", time.hour()),
                Part::HourOfHalf(width) => write!(out, "{:0width$}", time.hour12().1),
                Part::Minute(width) => write!(out, "{:0width$}", time.minute()),
                Part::Second(width) => write!(out, "{:0width$}", time.second()),
                Part::Fraction(width) => {
                    write!(out, "{:0width$}", time.nanosecond() / 10u32.pow(9 - *width as u32))
                }
                Part::HalfOfDay => out.write_str(if time.hour12().0 { "PM" } else { "AM" }),
            };
        }
    }

    /// `None` for a text that is not of the pattern, or no time.
    fn read(&self, text: &str) -> Option<NaiveDateTime> {
        let (mut year, mut month, mut day, mut ordinal) = (1970i32, 1u32, 1u32, None);
        let (mut hour, mut minute, mut second, mut nanosecond) = (0u32, 0u32, 0u32, 0u32);
        let (mut half_hour, mut afternoon) = (None, None);
        let mut rest = text;
        for (index, part) in self.0.iter().enumerate() {
            // Numbers side by side have the widths of their letters; others are as long as they are.
            let tight = self.0.get(index + 1).is_some_and(Part::is_number);
            let mut number = |width: usize| -> Option<u32> {
                let most = if tight { width } else { width.max(if width >= 3 { 9 } else { 2 }) };
                let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
                if digits == 0 || (tight && digits < width) {
                    return None;
                }
                let (number, after) = rest.split_at(digits);
                rest = after;
                number.parse().ok()
            };
            match part {
                Part::Text(text) => rest = rest.strip_prefix(text.as_str())?,
                Part::Year(2) => year = 2000 + number(2)? as i32,
                Part::Year(width) => year = i32::try_from(number(*width.max(&4))?).ok()?,
                Part::Month(width @ 3..) => {
                    let matches = |name: &&str| {
                        let name = if *width > 3 { name } else { &name[..3] };
                        rest.get(..name.len()).filter(|begin| begin.eq_ignore_ascii_case(name)).map(|_| name.len())
                    };
                    let found =
                        MONTHS.iter().enumerate().find_map(|(index, name)| matches(name).map(|it| (index, it)))?;
                    month = found.0 as u32 + 1;
                    rest = &rest[found.1..];
                }
                Part::Month(width) => month = number(*width)?,
                Part::Day(width) => day = number(*width)?,
                Part::DayOfYear(width) => ordinal = Some(number(*width.max(&3))?),
                Part::Weekday { full } => {
                    let length = DAYS.iter().find_map(|name| {
                        let name = if *full { name } else { &name[..3] };
                        rest.get(..name.len()).filter(|begin| begin.eq_ignore_ascii_case(name)).map(str::len)
                    })?;
                    rest = &rest[length..];
                }
                Part::Hour(width) => hour = number(*width)?,
                Part::HourOfHalf(width) => half_hour = Some(number(*width)?),
                Part::Minute(width) => minute = number(*width)?,
                Part::Second(width) => second = number(*width)?,
                Part::Fraction(width) => {
                    let digits = rest.bytes().take(*width).take_while(u8::is_ascii_digit).count();
                    if digits < *width {
                        return None;
                    }
                    nanosecond = rest[..digits].parse::<u32>().ok()? * 10u32.pow(9 - digits as u32);
                    rest = &rest[digits..];
                }
                Part::HalfOfDay => {
                    let half = rest.get(..2)?;
                    afternoon = Some(match half.to_ascii_uppercase().as_str() {
                        "AM" => false,
                        "PM" => true,
                        _ => return None,
                    });
                    rest = &rest[2..];
                }
            }
        }
        if !rest.is_empty() {
            return None;
        }
        if let Some(half_hour) = half_hour {
            hour = half_hour % 12 + if afternoon == Some(true) { 12 } else { 0 };
        }
        let date = match ordinal {
            Some(ordinal) => NaiveDate::from_yo_opt(year, ordinal)?,
            None => NaiveDate::from_ymd_opt(year, month, day)?,
        };
        date.and_hms_nano_opt(hour, minute, second, nanosecond)
    }
}

impl Part {
    fn is_number(&self) -> bool {
        !matches!(self, Part::Text(_) | Part::Weekday { .. } | Part::HalfOfDay | Part::Month(3..))
    }
}

/// The last pattern, parsed: patterns are mostly constants.
#[derive(Default)]
struct Patterns(RefCell<Option<(String, Pattern)>>);

impl Patterns {
    fn with<R>(&self, pattern: &str, run: impl FnOnce(&Pattern) -> R) -> Result<R> {
        let mut last = self.0.borrow_mut();
        if let Some((known, parsed)) = &*last
            && known == pattern
        {
            return Ok(run(parsed));
        }
        let parsed = Pattern::parse(pattern)?;
        let result = run(&parsed);
        *last = Some((pattern.to_owned(), parsed));
        Ok(result)
    }
}

/// Seconds and nanoseconds of the local clock for each text of argument 0, by the pattern of argument 1 or `default`.
fn read(call: &Call, default: fn(&str) -> Option<(i64, u32)>) -> Result<Vec<Option<(i64, u32)>>> {
    let texts = call.text(0)?;
    let patterns = if call.len() > 1 { Some(call.text(1)?) } else { None };
    let parsed = Patterns::default();
    let mut times = Vec::with_capacity(call.rows);
    for row in 0..call.rows {
        let time = match (texts.get(row), patterns.as_ref().map(|patterns| patterns.get(row))) {
            (Some(text), None) => default(text),
            (Some(text), Some(Some(pattern))) => parsed.with(pattern, |pattern| {
                let time = pattern.read(text)?.and_utc();
                Some((time.timestamp(), time.timestamp_subsec_nanos()))
            })?,
            _ => None,
        };
        times.push(time);
    }
    Ok(times)
}

const TO_TIMESTAMP: Definition = Definition::new(
    Family::Time,
    "TO_TIMESTAMP",
    "TO_TIMESTAMP(text [, pattern])",
    "The timestamp, TIMESTAMP(3), of a text, by default of the pattern `yyyy-MM-dd HH:mm:ss`; NULL for other texts.",
    ("CAST(TO_TIMESTAMP('02/01/2020 03:04', 'dd/MM/yyyy HH:mm') AS STRING)", "2020-01-02 03:04:00.000"),
    Parameters::Of(&[Kind::Text, Kind::Text], 1),
    returns!(DataType::Timestamp(TimeUnit::Millisecond, None)),
    |call| {
        let times = read(call, parse_timestamp)?;
        let local = |time: Option<(i64, u32)>| from_local(time?.0, time?.1, call.result, &Zone::Utc);
        column(times.into_iter().map(local), call.result)
    },
);

const TO_DATE: Definition = Definition::new(
    Family::Time,
    "TO_DATE",
    "TO_DATE(text [, pattern])",
    "The date of a text, by default of the pattern `yyyy-MM-dd`; NULL for other texts.",
    ("CAST(TO_DATE('02/01/2020', 'dd/MM/yyyy') AS STRING)", "2020-01-02"),
    Parameters::Of(&[Kind::Text, Kind::Text], 1),
    returns!(DataType::Date32),
    |call| {
        let date = |text: &str| Some((i64::from(parse_date(text)?.to_epoch_days()) * 86_400, 0));
        let times = read(call, date)?;
        column(times.into_iter().map(|time| from_local(time?.0, 0, call.result, &Zone::Utc)), call.result)
    },
);

/// TO_TIMESTAMP_LTZ of texts.
pub fn to_instant(call: &Call) -> Result<ArrayRef> {
    let zones = if call.len() > 2 { Some(call.text(2)?) } else { None };
    let times = read(call, parse_timestamp)?;
    let mut values = Vec::with_capacity(call.rows);
    for (row, time) in times.into_iter().enumerate() {
        let zone = match &zones {
            None => Zone::Utc,
            Some(zones) => match zones.get(row) {
                Some(zone) => Zone::parse(zone)?,
                None => {
                    values.push(None);
                    continue;
                }
            },
        };
        values.push(time.and_then(|(seconds, nanoseconds)| from_local(seconds, nanoseconds, call.result, &zone)));
    }
    column(values.into_iter(), call.result)
}

/// UNIX_TIMESTAMP of texts.
pub fn to_unix(call: &Call) -> Result<ArrayRef> {
    let zone = call.zone()?;
    let texts = call.text(0)?;
    let times = read(call, parse_timestamp)?;
    // Flink gives the least BIGINT for what it cannot read.
    call.primitives::<Int64Type>(|row| {
        texts.get(row)?;
        Some(times[row].map_or(i64::MIN, |(seconds, _)| zone.to_utc(seconds)))
    })
}

const DATE_FORMAT: Definition = Definition::new(
    Family::Time,
    "DATE_FORMAT",
    "DATE_FORMAT(timestamp, pattern)",
    "A timestamp as a text of a pattern: `yyyy-MM-dd HH:mm:ss.SSS`, with the letters of Java's DateTimeFormatter. A text \
     is taken for a timestamp.",
    ("DATE_FORMAT(TIMESTAMP '2020-01-02 03:04:05', 'EEE, d MMM yy hh:mm a D')", "Thu, 2 Jan 20 03:04 AM 2"),
    Parameters::Of(&[Kind::TimestampOrText, Kind::Text], 2),
    returns!(DataType::Utf8),
    |call| {
        let mut times = call.array(0)?;
        if *times.data_type() == DataType::Utf8 {
            times = cast_array(&times, &DataType::Timestamp(TimeUnit::Millisecond, None), true, call.zone)?;
        }
        let times = LocalTimes::new(&times, call.zone()?)?;
        let patterns = call.text(1)?;
        let parsed = Patterns::default();
        call.try_texts(|row, out| {
            let (Some(time), Some(pattern)) = (times.datetime(row), patterns.get(row)) else { return Ok(None) };
            parsed.with(pattern, |pattern| pattern.write(time, out)).map(Some)
        })
    },
);

const FROM_UNIXTIME: Definition = Definition::new(
    Family::Time,
    "FROM_UNIXTIME",
    "FROM_UNIXTIME(seconds [, pattern])",
    "So many seconds after 1970-01-01T00:00:00Z as a text in the session zone, by default of the pattern \
     `yyyy-MM-dd HH:mm:ss`.",
    ("FROM_UNIXTIME(1577836800)", "2020-01-01 00:00:00"),
    Parameters::Of(&[Kind::Long, Kind::Text], 1),
    returns!(DataType::Utf8),
    |call| {
        let seconds = call.long(0)?;
        let patterns = if call.len() > 1 { Some(call.text(1)?) } else { None };
        let zone = call.zone()?;
        let parsed = Patterns::default();
        call.try_texts(|row, out| {
            let pattern = patterns.as_ref().map_or(Some(SECONDS), |patterns| patterns.get(row));
            let local = seconds.get(row).map(|seconds| zone.to_local(seconds));
            let time = local.and_then(|local| chrono::DateTime::from_timestamp(local, 0));
            let (Some(time), Some(pattern)) = (time, pattern) else { return Ok(None) };
            parsed.with(pattern, |pattern| pattern.write(time.naive_utc(), out)).map(Some)
        })
    },
);

const CONVERT_TZ: Definition = Definition::new(
    Family::Time,
    "CONVERT_TZ",
    "CONVERT_TZ(text, from, to)",
    "A timestamp `yyyy-MM-dd HH:mm:ss` of one zone as a text in another.",
    ("CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')", "1969-12-31 16:00:00"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 3),
    returns!(DataType::Utf8),
    |call| {
        let (texts, from, to) = (call.text(0)?, call.text(1)?, call.text(2)?);
        let pattern = Pattern::parse(SECONDS)?;
        call.try_texts(|row, out| {
            let (Some(text), Some(from), Some(to)) = (texts.get(row), from.get(row), to.get(row)) else {
                return Ok(None);
            };
            let (from, to) = (Zone::parse(from)?, Zone::parse(to)?);
            let time = parse_timestamp(text).map(|(seconds, _)| to.to_local(from.to_utc(seconds)));
            let time = time.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
            Ok(time.map(|time| pattern.write(time.naive_utc(), out)))
        })
    },
);

pub const DEFINITIONS: &[&Definition] = &[&TO_TIMESTAMP, &TO_DATE, &DATE_FORMAT, &FROM_UNIXTIME, &CONVERT_TZ];
