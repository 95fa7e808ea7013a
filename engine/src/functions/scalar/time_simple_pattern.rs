//! Patterns of Java's SimpleDateFormat, which Flink's functions between texts and texts or numbers of seconds have:
//! UNIX_TIMESTAMP, FROM_UNIXTIME, CONVERT_TZ, TO_DATE with a pattern, DATE_FORMAT of a text. It has other letters than
//! DateTimeFormatter, reads more texts (a 13th month is the first of the next year) and ignores what follows.

use std::fmt::Write;

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};

use super::time_names::{DAYS, MONTHS, halves, short};
use super::time_pattern::{quoted, run, too_many};
use crate::error::{Error, Result};
use crate::types::calendar::days_of;

const DAY: i64 = 86_400;

/// How often a letter may stand in a row: it is the width of a number, and those that Rust writes end at 65,535.
const MOST_LETTERS: usize = 64;

/// A pattern of `java.text.SimpleDateFormat`, in parts.
pub struct SimplePattern(Vec<Part>);

enum Part {
    Text(String),
    /// A letter, and how often it stands.
    Field(Field, usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Year,
    Month,
    Day,
    DayOfYear,
    /// Its name.
    Weekday,
    /// From Monday, 1.
    NumberOfWeekday,
    HalfOfDay,
    /// From 0 to 23.
    Hour,
    /// From 1 to 24.
    HourFromOne,
    /// From 0 to 11.
    HourOfHalf,
    /// From 1 to 12.
    HourOfHalfFromOne,
    Minute,
    Second,
    Millisecond,
}

impl SimplePattern {
    /// # Errors
    /// A user error for what Java does not take, and for letters that are not supported.
    pub fn parse(pattern: &str) -> Result<Self> {
        let mut parts = vec![];
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter == '\'' {
                parts.push(Part::Text(quoted(&mut letters)?));
                continue;
            }
            if !letter.is_ascii_alphabetic() {
                parts.push(Part::Text(letter.to_string()));
                continue;
            }
            let count = run(letter, &mut letters);
            if count > MOST_LETTERS {
                return Err(too_many(letter, count, MOST_LETTERS));
            }
            let field = match letter {
                'y' => Field::Year,
                'M' | 'L' => Field::Month,
                'd' => Field::Day,
                'D' => Field::DayOfYear,
                'E' => Field::Weekday,
                'u' => Field::NumberOfWeekday,
                'a' => Field::HalfOfDay,
                'H' => Field::Hour,
                'k' => Field::HourFromOne,
                'K' => Field::HourOfHalf,
                'h' => Field::HourOfHalfFromOne,
                'm' => Field::Minute,
                's' => Field::Second,
                'S' => Field::Millisecond,
                other => {
                    return Err(Error::user(format!(
                        "the letter `{other}` in the pattern '{pattern}' is not supported"
                    ))
                    .hint("known are y, M, d, D, E, u, H, k, K, h, m, s, S, a and text in single quotes"));
                }
            };
            parts.push(Part::Field(field, count));
        }
        Ok(SimplePattern(parts))
    }

    pub fn write(&self, time: NaiveDateTime, out: &mut String) {
        let (is_afternoon, half_hour) = time.hour12();
        let year = i64::from(time.year());
        for part in &self.0 {
            let (field, width) = match part {
                Part::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Part::Field(field, count) => (*field, *count),
            };
            let number = match field {
                Field::Month if width > 2 => {
                    let name = MONTHS[time.month0() as usize % 12];
                    out.push_str(if width > 3 { name } else { short(name) });
                    continue;
                }
                Field::Weekday => {
                    let name = DAYS[time.weekday().num_days_from_monday() as usize % 7];
                    out.push_str(if width > 3 { name } else { short(name) });
                    continue;
                }
                Field::HalfOfDay => {
                    out.push_str(if is_afternoon { "PM" } else { "AM" });
                    continue;
                }
                // Years before 1 are those of the era before.
                Field::Year => match (if year < 1 { 1 - year } else { year }, width) {
                    (year, 2) => year % 100,
                    (year, _) => year,
                },
                Field::Month => time.month().into(),
                Field::Day => time.day().into(),
                Field::DayOfYear => time.ordinal().into(),
                Field::NumberOfWeekday => time.weekday().number_from_monday().into(),
                Field::Hour => time.hour().into(),
                Field::HourFromOne if time.hour() == 0 => 24,
                Field::HourFromOne => time.hour().into(),
                Field::HourOfHalf => i64::from(half_hour % 12),
                Field::HourOfHalfFromOne => half_hour.into(),
                Field::Minute => time.minute().into(),
                Field::Second => time.second().into(),
                Field::Millisecond => i64::from(time.nanosecond() / 1_000_000),
            };
            // Writing to a String does not fail.
            let _ = write!(out, "{number:0width$}");
        }
    }

    /// Seconds of the clock since 1970, and nanoseconds, of a text that begins as the pattern says; `None` for others.
    pub fn read(&self, text: &str) -> Option<(i64, u32)> {
        let mut said = Said::default();
        let mut rest = text;
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Text(text) => rest = rest.strip_prefix(text.as_str())?,
                Part::Field(field, count) => {
                    // Digits without anything between are shared out by the letters.
                    let is_tight = self.0.get(index + 1).is_some_and(Part::is_number);
                    rest = said.read(*field, *count, is_tight, rest.trim_start_matches([' ', '\t']))?;
                }
            }
        }
        said.time()
    }
}

impl Part {
    fn is_number(&self) -> bool {
        match self {
            Part::Text(_) | Part::Field(Field::Weekday | Field::HalfOfDay, _) => false,
            Part::Field(Field::Month, count) => *count < 3,
            Part::Field(..) => true,
        }
    }
}

/// What a text says of a time. Numbers are not checked: the 32nd of a month is one of the next, and so on.
struct Said {
    year: i64,
    /// From 0.
    month: i64,
    day: i64,
    /// Of the year, where that was said last.
    day_of_year: Option<i64>,
    hour: i64,
    half: i64,
    /// Within the half of the day, where that was said last.
    hour_of_half: Option<i64>,
    minute: i64,
    second: i64,
    millisecond: i64,
}

impl Default for Said {
    fn default() -> Self {
        Said {
            year: 1970,
            month: 0,
            day: 1,
            day_of_year: None,
            hour: 0,
            half: 0,
            hour_of_half: None,
            minute: 0,
            second: 0,
            millisecond: 0,
        }
    }
}

/// The number that a text begins with, and what follows.
fn number(text: &str, most: usize) -> Option<(i64, &str)> {
    let bare = text.strip_prefix('-').unwrap_or(text);
    let sign = text.len() - bare.len();
    let digits = bare.bytes().take(most.saturating_sub(sign)).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(sign + digits);
    // Java's numbers are INTs; none needs to be longer.
    Some((i64::from(number.parse::<i32>().ok()?), rest))
}

/// The name that a text begins with, in full or of three letters, in any case; and what follows.
fn name<'a>(names: &[&'static str], text: &'a str) -> Option<(i64, &'a str)> {
    let starts = |name: &str| text.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
    names.iter().zip(0..).find_map(|(name, index)| {
        let length = [*name, short(name)].into_iter().find(|name| starts(name))?.len();
        Some((index, &text[length..]))
    })
}

impl Said {
    fn read<'a>(&mut self, field: Field, count: usize, is_tight: bool, text: &'a str) -> Option<&'a str> {
        match field {
            Field::Month if count > 2 => {
                let (month, rest) = name(&MONTHS, text)?;
                self.month = month;
                return Some(rest);
            }
            // The other parts say which day it is.
            Field::Weekday => return name(&DAYS, text).map(|(_, rest)| rest),
            Field::HalfOfDay => {
                let rest = |name: &str| {
                    text.get(..name.len()).filter(|it| it.eq_ignore_ascii_case(name)).map(|_| &text[name.len()..])
                };
                let (half, rest) = halves(rest)?;
                self.half = half;
                return Some(rest);
            }
            _ => {}
        }
        if is_tight && text.len() < count {
            return None;
        }
        let (value, rest) = number(text, if is_tight { count } else { usize::MAX })?;
        match field {
            Field::Year if count <= 2 && text.len() - rest.len() == 2 && value >= 0 => self.year = in_century(value),
            Field::Year => self.year = value,
            Field::Month => self.month = value - 1,
            Field::Day => (self.day, self.day_of_year) = (value, None),
            Field::DayOfYear => self.day_of_year = Some(value),
            Field::Hour => (self.hour, self.hour_of_half) = (value, None),
            Field::HourFromOne => (self.hour, self.hour_of_half) = (if value == 24 { 0 } else { value }, None),
            Field::HourOfHalf => self.hour_of_half = Some(value),
            Field::HourOfHalfFromOne => self.hour_of_half = Some(if value == 12 { 0 } else { value }),
            Field::Minute => self.minute = value,
            Field::Second => self.second = value,
            Field::Millisecond => self.millisecond = value,
            Field::NumberOfWeekday | Field::Weekday | Field::HalfOfDay => {}
        }
        Some(rest)
    }

    fn time(&self) -> Option<(i64, u32)> {
        let months = self.year * 12 + self.month;
        let days = match self.day_of_year {
            Some(day) => days_of(self.year, 1, 1) + day - 1,
            None => days_of(months.div_euclid(12), months.rem_euclid(12) as u32 + 1, 1) + self.day - 1,
        };
        let hour = self.hour_of_half.map_or(self.hour, |hour| hour + self.half * 12);
        // Each is an INT, so nothing overflows.
        let seconds = days * DAY + hour * 3_600 + self.minute * 60 + self.second + self.millisecond.div_euclid(1_000);
        Some((seconds, self.millisecond.rem_euclid(1_000) as u32 * 1_000_000))
    }
}

/// The year of two digits: of the 80 years before now, or the 20 after.
fn in_century(year: i64) -> i64 {
    let now = DateTime::from_timestamp_millis(super::time_arithmetic::now()).map_or(2_000, |now| i64::from(now.year()));
    let first = now - 80;
    let year = first.div_euclid(100) * 100 + year;
    if year < first { year + 100 } else { year }
}
