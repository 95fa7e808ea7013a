//! Patterns of Java's DateTimeFormatter: what DATE_FORMAT writes timestamps by, and TO_TIMESTAMP reads texts by.

use std::fmt::Write;

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

use super::time_names::{DAYS, MONTHS, halves, short};
use crate::error::{Error, Result};

/// How deep optional sections may nest.
const MOST_OPEN: usize = 32;

/// A pattern of `java.time.format.DateTimeFormatter`, in parts.
pub struct Pattern(Vec<Part>);

enum Part {
    Text(String),
    Number(Number),
    Month(Names),
    Weekday(Names),
    HalfOfDay,
    /// `[`: where what follows up to its `]` is not there, a text goes on behind it. How many parts that is.
    Optional(usize),
    End,
}

/// How a name stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Short,
    Full,
    /// Its first letter.
    Narrow,
}

#[derive(Clone, Copy)]
struct Number {
    field: Field,
    least: usize,
    most: usize,
    sign: Sign,
    /// The digits of the numbers of fixed width that follow without anything between: they are not this one's.
    followed_by: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Never,
    /// A minus.
    Normal,
    /// A plus, too, and always where there are more digits than letters.
    ExceedsPad,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    /// From 1; before comes the year 1 BC.
    YearOfEra,
    /// Two digits, of the years 2000 to 2099.
    ShortYear,
    Year,
    Month,
    Day,
    DayOfYear,
    /// From 0 to 23.
    Hour,
    /// From 1 to 12.
    HourOfHalf,
    Minute,
    Second,
    /// Digits after the second.
    Fraction,
}

impl Pattern {
    /// # Errors
    /// A user error for what Java does not take, and for letters that are not supported.
    pub fn parse(pattern: &str) -> Result<Self> {
        let mut parts = vec![];
        let mut open = vec![];
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\'' => parts.push(Part::Text(quoted(&mut letters)?)),
                '[' => {
                    if open.len() == MOST_OPEN {
                        return Err(Error::user(format!("a pattern has more than {MOST_OPEN} `[` in one another")));
                    }
                    open.push(parts.len());
                    parts.push(Part::Optional(0));
                }
                ']' => match open.pop() {
                    Some(begin) => close(&mut parts, begin),
                    None => return Err(Error::user("a pattern has a `]` without a `[` before it")),
                },
                '#' | '{' | '}' => {
                    return Err(Error::user(format!("`{letter}` has no meaning in a pattern"))
                        .hint("put what is to stand as it is between single quotes"));
                }
                letter if letter.is_ascii_alphabetic() => {
                    let count = run(letter, &mut letters);
                    parts.push(part(letter, count, pattern)?);
                }
                other => parts.push(Part::Text(other.to_string())),
            }
        }
        while let Some(begin) = open.pop() {
            close(&mut parts, begin);
        }
        share_digits(&mut parts);
        Ok(Pattern(parts))
    }

    pub fn write(&self, time: NaiveDateTime, out: &mut String) {
        for part in &self.0 {
            // Writing to a String does not fail.
            let _ = match part {
                Part::Text(text) => out.write_str(text),
                Part::Number(number) => number.write(time, out),
                Part::Month(names) => out.write_str(names.of(MONTHS[time.month0() as usize % 12])),
                Part::Weekday(names) => {
                    out.write_str(names.of(DAYS[time.weekday().num_days_from_monday() as usize % 7]))
                }
                Part::HalfOfDay => out.write_str(if time.hour12().0 { "PM" } else { "AM" }),
                Part::Optional(_) | Part::End => Ok(()),
            };
        }
    }

    /// `None` for a text that is not of the pattern, or no time.
    pub fn read(&self, text: &str) -> Option<NaiveDateTime> {
        let mut fields = Fields::default();
        let rest = read_parts(&self.0, text, &mut fields)?;
        if rest.is_empty() { fields.time() } else { None }
    }
}

/// What stands between quotes, of which the first is read. Two quotes are a quote, inside and outside.
pub fn quoted(letters: &mut std::iter::Peekable<std::str::Chars>) -> Result<String> {
    let mut text = String::new();
    loop {
        match letters.next() {
            Some('\'') if letters.next_if_eq(&'\'').is_some() => text.push('\''),
            Some('\'') => break,
            Some(other) => text.push(other),
            None => return Err(Error::user("a pattern has a single quote that is not closed")),
        }
    }
    Ok(if text.is_empty() { "'".to_owned() } else { text })
}

/// How often a letter, of which the first is read, stands in a row.
pub fn run(letter: char, letters: &mut std::iter::Peekable<std::str::Chars>) -> usize {
    let mut count = 1;
    while letters.next_if_eq(&letter).is_some() {
        count += 1;
    }
    count
}

/// `letter` stands `count` times in a row, more than it may.
pub fn too_many(letter: char, count: usize, most: usize) -> Error {
    let times = if most == 1 { "once".to_owned() } else { format!("{most} times") };
    Error::user(format!("`{letter}` stands {count} times in a row in a pattern; at most {times}"))
}

/// Ends what is optional from `begin` on.
fn close(parts: &mut Vec<Part>, begin: usize) {
    let inside = parts.len() - begin - 1;
    if let Some(Part::Optional(count)) = parts.get_mut(begin) {
        *count = inside;
    }
    parts.push(Part::End);
}

/// The part that a letter stands for, `count` times in a row.
fn part(letter: char, count: usize, pattern: &str) -> Result<Part> {
    let most = match letter {
        'y' | 'u' => 19,
        'S' => 9,
        'M' | 'L' | 'E' => 5,
        'D' => 3,
        'd' | 'H' | 'h' | 'm' | 's' => 2,
        'a' => 1,
        other => {
            return Err(Error::user(format!("the letter `{other}` in the pattern '{pattern}' is not supported"))
                .hint("known are y, M, d, D, E, H, h, m, s, S, a and text in single quotes"));
        }
    };
    if count > most {
        return Err(too_many(letter, count, most));
    }
    let number = |field, least, most, sign| Part::Number(Number { field, least, most, sign, followed_by: 0 });
    // Java: one letter is a number of any width, two are two digits.
    let plain = |field| match count {
        1 => number(field, 1, 19, Sign::Normal),
        _ => number(field, count, count, Sign::Never),
    };
    let names = match count {
        ..4 => Names::Short,
        4 => Names::Full,
        _ => Names::Narrow,
    };
    let year_sign = if count < 4 { Sign::Normal } else { Sign::ExceedsPad };
    Ok(match letter {
        'y' | 'u' if count == 2 => number(Field::ShortYear, 2, 2, Sign::Never),
        'y' => number(Field::YearOfEra, count, 19, year_sign),
        'u' => number(Field::Year, count, 19, year_sign),
        'M' | 'L' if count > 2 => Part::Month(names),
        'M' | 'L' => plain(Field::Month),
        'd' => plain(Field::Day),
        'D' if count == 1 => plain(Field::DayOfYear),
        'D' => number(Field::DayOfYear, count, 3, Sign::Never),
        'E' => Part::Weekday(names),
        'H' => plain(Field::Hour),
        'h' => plain(Field::HourOfHalf),
        'm' => plain(Field::Minute),
        's' => plain(Field::Second),
        'S' => number(Field::Fraction, count, count, Sign::Never),
        _ => Part::HalfOfDay,
    })
}

/// Numbers of fixed width leave their digits over where they follow a number without anything between.
fn share_digits(parts: &mut [Part]) {
    let mut first: Option<usize> = None;
    for index in 0..parts.len() {
        let Part::Number(number) = &parts[index] else {
            first = None;
            continue;
        };
        let width = number.least;
        let is_fixed = number.least == number.most && number.sign == Sign::Never;
        match first {
            Some(begin) if is_fixed => {
                if let Part::Number(number) = &mut parts[begin] {
                    number.followed_by += width;
                }
            }
            _ => first = Some(index),
        }
    }
}

impl Names {
    fn of(self, name: &'static str) -> &'static str {
        match self {
            Names::Short => short(name),
            Names::Full => name,
            Names::Narrow => &name[..1],
        }
    }

    /// The name that a text begins with, and what follows.
    fn read<'a>(self, names: &[&'static str], text: &'a str) -> Option<(usize, &'a str)> {
        // One letter does not say which: J is three months.
        if self == Names::Narrow {
            return None;
        }
        names.iter().enumerate().find_map(|(index, name)| Some((index, text.strip_prefix(self.of(name))?)))
    }
}

impl Number {
    fn write(&self, time: NaiveDateTime, out: &mut String) -> std::fmt::Result {
        let width = self.least;
        let year = time.year();
        match self.field {
            Field::ShortYear => write!(out, "{:02}", year.rem_euclid(100)),
            Field::Year | Field::YearOfEra => {
                let year = if self.field == Field::YearOfEra && year < 1 { 1 - year } else { year };
                let exceeds = self.sign == Sign::ExceedsPad && year.to_string().len() > width;
                match year {
                    ..0 => out.write_char('-')?,
                    _ if exceeds => out.write_char('+')?,
                    _ => {}
                }
                write!(out, "{:0width$}", year.unsigned_abs())
            }
            Field::Month => write!(out, "{:0width$}", time.month()),
            Field::Day => write!(out, "{:0width$}", time.day()),
            Field::DayOfYear => write!(out, "{:0width$}", time.ordinal()),
            Field::Hour => write!(out, "{:0width$}", time.hour()),
            Field::HourOfHalf => write!(out, "{:0width$}", time.hour12().1),
            Field::Minute => write!(out, "{:0width$}", time.minute()),
            Field::Second => write!(out, "{:0width$}", time.second()),
            Field::Fraction => write!(out, "{:0width$}", time.nanosecond() / 10u32.pow(9 - width.min(9) as u32)),
        }
    }

    /// The number that a text begins with, and what follows.
    fn read<'a>(&self, text: &'a str) -> Option<(i64, &'a str)> {
        let (sign, digits) = match text.as_bytes().first()? {
            b'-' if self.sign != Sign::Never => (Some('-'), &text[1..]),
            b'+' if self.sign == Sign::ExceedsPad => (Some('+'), &text[1..]),
            _ => (None, text),
        };
        let there = digits.bytes().take(self.most + self.followed_by).take_while(u8::is_ascii_digit).count();
        let count = if self.followed_by > 0 { there.saturating_sub(self.followed_by).max(self.least) } else { there };
        let sign_fits = match (self.sign, sign) {
            (Sign::ExceedsPad, None) => count == self.least,
            (Sign::ExceedsPad, Some('+')) => count > self.least,
            _ => true,
        };
        if !sign_fits || !(self.least..=there).contains(&count) {
            return None;
        }
        let (number, rest) = digits.split_at(count);
        let number: i64 = number.parse().ok()?;
        Some((if sign == Some('-') { -number } else { number }, rest))
    }
}

/// What a text says of a time.
#[derive(Default, Clone)]
struct Fields {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    /// From Monday, 0.
    weekday: Option<i64>,
    hour: Option<i64>,
    hour_of_half: Option<i64>,
    minute: Option<i64>,
    second: Option<i64>,
    nanosecond: Option<i64>,
    /// 1 after noon.
    half: Option<i64>,
}

/// Notes what is said of a field; `None` where something else was said before.
fn note(field: &mut Option<i64>, value: i64) -> Option<()> {
    (*field.get_or_insert(value) == value).then_some(())
}

fn read_parts<'a>(parts: &[Part], text: &'a str, fields: &mut Fields) -> Option<&'a str> {
    let mut rest = text;
    let mut index = 0;
    while let Some(part) = parts.get(index) {
        index += 1;
        match part {
            Part::Text(text) => rest = rest.strip_prefix(text.as_str())?,
            Part::Number(number) => {
                let (value, after) = number.read(rest)?;
                fields.note(number, value)?;
                rest = after;
            }
            Part::Month(names) => {
                let (month, after) = names.read(&MONTHS, rest)?;
                note(&mut fields.month, month as i64 + 1)?;
                rest = after;
            }
            Part::Weekday(names) => {
                let (weekday, after) = names.read(&DAYS, rest)?;
                note(&mut fields.weekday, weekday as i64)?;
                rest = after;
            }
            Part::HalfOfDay => {
                let (half, after) = halves(|name| rest.strip_prefix(name))?;
                note(&mut fields.half, half)?;
                rest = after;
            }
            Part::Optional(count) => {
                let mut tried = fields.clone();
                if let Some(after) = parts.get(index..index + count).and_then(|it| read_parts(it, rest, &mut tried)) {
                    *fields = tried;
                    rest = after;
                }
                index += count;
            }
            Part::End => {}
        }
    }
    Some(rest)
}

impl Fields {
    fn note(&mut self, number: &Number, value: i64) -> Option<()> {
        let field = match number.field {
            Field::YearOfEra if value < 1 => return None,
            Field::ShortYear => return note(&mut self.year, 2000 + value),
            Field::Fraction => {
                return note(&mut self.nanosecond, value * 10i64.pow(9 - number.least.min(9) as u32));
            }
            Field::YearOfEra | Field::Year => &mut self.year,
            Field::Month => &mut self.month,
            Field::Day => &mut self.day,
            Field::DayOfYear => &mut self.day_of_year,
            Field::Hour => &mut self.hour,
            Field::HourOfHalf => &mut self.hour_of_half,
            Field::Minute => &mut self.minute,
            Field::Second => &mut self.second,
        };
        note(field, value)
    }

    /// As Java's SMART resolver does: a day behind the end of its month is the last, 24:00 is the next midnight, and the
    /// parts that were said twice must agree. What was not said is as at 1970-01-01 00:00:00.
    fn time(&self) -> Option<NaiveDateTime> {
        let within = |value: Option<i64>, least: i64, most: i64, default: i64| match value {
            Some(value) if (least..=most).contains(&value) => u32::try_from(value).ok(),
            Some(_) => None,
            None => u32::try_from(default).ok(),
        };
        let year = i32::try_from(self.year.unwrap_or(1970)).ok()?;
        let mut date = match (self.year, self.day_of_year) {
            (Some(_), Some(day)) => NaiveDate::from_yo_opt(year, u32::try_from(day).ok()?)?,
            _ => {
                let month = within(self.month, 1, 12, 1)?;
                let day = within(self.day, 1, 31, 1)?;
                NaiveDate::from_ymd_opt(
                    year,
                    month,
                    day.min(crate::types::calendar::days_of_month(year.into(), month)),
                )?
            }
        };
        let says_other = |said: Option<i64>, is: i64| said.is_some_and(|said| said != is);
        // Whether the parts say a date; a single one has nothing to agree with.
        let is_date =
            self.year.is_some() && (self.day_of_year.is_some() || (self.month.is_some() && self.day.is_some()));
        if is_date && says_other(self.weekday, date.weekday().num_days_from_monday().into()) {
            return None;
        }
        if self.year.is_some() && self.day_of_year.is_some() {
            let other = says_other(self.month, date.month().into()) || says_other(self.day, date.day().into());
            if other {
                return None;
            }
        }
        let (minute, second) = (within(self.minute, 0, 59, 0)?, within(self.second, 0, 59, 0)?);
        let nanosecond = within(self.nanosecond, 0, 999_999_999, 0)?;
        let hour_of_half = within(self.hour_of_half, 0, 12, 0)?;
        let mut hour = match (self.hour, self.hour_of_half, self.half) {
            (Some(hour), ..) => within(Some(hour), 0, 24, 0)?,
            (None, Some(_), Some(half)) => hour_of_half % 12 + within(Some(half), 0, 1, 0)? * 12,
            // A half of the day alone stands for its middle.
            (None, None, Some(half)) if self.minute.is_none() => 6 + within(Some(half), 0, 1, 0)? * 12,
            _ => 0,
        };
        if hour == 24 {
            if (minute, second, nanosecond) != (0, 0, 0) {
                return None;
            }
            hour = 0;
            date = date.succ_opt()?;
        }
        if self.hour.is_some() {
            let other_half = says_other(self.half, (hour / 12).into());
            if other_half
                || (self.half.is_some() && says_other(self.hour_of_half.map(|it| it % 12), (hour % 12).into()))
            {
                return None;
            }
        }
        date.and_hms_nano_opt(hour, minute, second, nanosecond)
    }
}

/// What Java's `Timestamp.valueOf` and `Date.valueOf` read: TO_TIMESTAMP tries them on texts that are not of its pattern.
/// A day behind the end of its month is one of the next, and so on.
pub fn read_anyway(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    let (day, clock) = text.split_once(' ').map_or((text, None), |(day, clock)| (day, Some(clock)));
    let digits = |text: &str, most: usize| -> Option<i64> {
        let fits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse().ok())?
    };
    let mut parts = day.splitn(3, '-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let (year, month, day) = (digits(year, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if !(1..=31).contains(&day) {
        return None;
    }
    let first = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, 1)?;
    let midnight = first.checked_add_signed(TimeDelta::try_days(day - 1)?)?.and_hms_opt(0, 0, 0)?;
    let Some(clock) = clock else { return Some(midnight) };
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (digits(parts.next()?, 4)?, digits(parts.next()?, 4)?);
    let second = parts.next()?;
    let (second, fraction) = second.split_once('.').map_or((second, None), |(second, it)| (second, Some(it)));
    let nanoseconds = match fraction {
        Some(fraction) => digits(fraction, 9)? * 10i64.pow(9 - fraction.len() as u32),
        None => 0,
    };
    let since = TimeDelta::try_seconds(hour * 3_600 + minute * 60 + digits(second, 4)?)?;
    midnight.checked_add_signed(since)?.checked_add_signed(TimeDelta::nanoseconds(nanoseconds))
}
