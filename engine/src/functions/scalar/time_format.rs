//! Times to texts and back, by Java's patterns.

use std::cell::RefCell;

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::array::types::Int64Type;
use datafusion::arrow::datatypes::{DataType, TimeUnit};

use super::cast::{Zone, column, from_local, parse_date, parse_timestamp};
use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use super::time_parts::LocalTimes;
use super::time_pattern::{Pattern, read_anyway};
use super::time_simple_pattern::SimplePattern;
use crate::error::Result;

const SECONDS: &str = "yyyy-MM-dd HH:mm:ss";

/// The last pattern, parsed: patterns are mostly constants.
struct Patterns<P> {
    parse: fn(&str) -> Result<P>,
    last: RefCell<Option<(String, P)>>,
}

impl<P> Patterns<P> {
    fn new(parse: fn(&str) -> Result<P>) -> Self {
        Patterns { parse, last: RefCell::default() }
    }

    fn with<R>(&self, pattern: &str, run: impl FnOnce(&P) -> R) -> Result<R> {
        let mut last = self.last.borrow_mut();
        if let Some((known, parsed)) = &*last
            && known == pattern
        {
            return Ok(run(parsed));
        }
        let parsed = (self.parse)(pattern)?;
        let result = run(&parsed);
        *last = Some((pattern.to_owned(), parsed));
        Ok(result)
    }
}

/// Seconds of the local clock since 1970, and nanoseconds; `None` for what is no time.
type LocalTime = Option<(i64, u32)>;

/// The local time of each text of argument 0: by the pattern of argument 1 or, without one, as `default` reads it.
fn read<P>(
    call: &Call,
    default: impl Fn(&str) -> LocalTime,
    patterns: &Patterns<P>,
    by_pattern: fn(&P, &str) -> LocalTime,
) -> Result<Vec<LocalTime>> {
    let texts = call.text(0)?;
    let given = if call.len() > 1 { Some(call.text(1)?) } else { None };
    let mut times = Vec::with_capacity(call.rows);
    for row in 0..call.rows {
        let time = match (texts.get(row), given.as_ref().map(|given| given.get(row))) {
            (Some(text), None) => default(text),
            (Some(text), Some(Some(pattern))) => patterns.with(pattern, |pattern| by_pattern(pattern, text))?,
            _ => None,
        };
        times.push(time);
    }
    Ok(times)
}

/// Timestamps: what is not of the pattern may still be a timestamp as Java writes them.
fn read_timestamps(call: &Call) -> Result<Vec<LocalTime>> {
    read(call, parse_timestamp, &Patterns::new(Pattern::parse), |pattern, text| {
        let time = pattern.read(text).or_else(|| read_anyway(text))?.and_utc();
        Some((time.timestamp(), time.timestamp_subsec_nanos()))
    })
}

const TO_TIMESTAMP: Definition = Definition::new(
    Family::Time,
    "TO_TIMESTAMP",
    "TO_TIMESTAMP(text [, pattern])",
    "The timestamp, TIMESTAMP(3), of a text, by default of the pattern `yyyy-MM-dd HH:mm:ss`, else of one of Java's \
     DateTimeFormatter. Texts `yyyy-M-d[ H:m:s[.n]]` are read whatever the pattern; NULL for others.",
    ("CAST(TO_TIMESTAMP('02/01/2020 03:04', 'dd/MM/yyyy HH:mm') AS STRING)", "2020-01-02 03:04:00.000"),
    Parameters::Of(&[Kind::Text, Kind::Text], 1),
    returns!(DataType::Timestamp(TimeUnit::Millisecond, None)),
    |call| {
        let times = read_timestamps(call)?;
        let local = |time: Option<(i64, u32)>| from_local(time?.0, time?.1, call.result, &Zone::Utc);
        column(times.into_iter().map(local), call.result)
    },
);

const TO_DATE: Definition = Definition::new(
    Family::Time,
    "TO_DATE",
    "TO_DATE(text [, pattern])",
    "The date of a text, by default of the pattern `yyyy-MM-dd`; NULL for other texts. A pattern is one of Java's \
     SimpleDateFormat: by it, February 30 is March 1, and what follows in the text is ignored.",
    ("CAST(TO_DATE('02/01/2020', 'dd/MM/yyyy') AS STRING)", "2020-01-02"),
    Parameters::Of(&[Kind::Text, Kind::Text], 1),
    returns!(DataType::Date32),
    |call| {
        let date = |text: &str| Some((i64::from(parse_date(text)?.to_epoch_days()) * 86_400, 0));
        let times = read(call, date, &Patterns::new(SimplePattern::parse), SimplePattern::read)?;
        column(times.into_iter().map(|time| from_local(time?.0, 0, call.result, &Zone::Utc)), call.result)
    },
);

/// TO_TIMESTAMP_LTZ of texts.
pub fn to_instant(call: &Call) -> Result<ArrayRef> {
    let zones = if call.len() > 2 { Some(call.text(2)?) } else { None };
    let times = read_timestamps(call)?;
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
    let default = SimplePattern::parse(SECONDS)?;
    let times = read(call, |text| default.read(text), &Patterns::new(SimplePattern::parse), SimplePattern::read)?;
    // Flink gives the least BIGINT for what it cannot read.
    call.primitives::<Int64Type>(|row| {
        texts.get(row)?;
        Some(times[row].map_or(i64::MIN, |(seconds, _)| zone.to_later_utc(seconds)))
    })
}

const DATE_FORMAT: Definition = Definition::new(
    Family::Time,
    "DATE_FORMAT",
    "DATE_FORMAT(timestamp, pattern)",
    "A timestamp as a text of a pattern: `yyyy-MM-dd HH:mm:ss.SSS`, with the letters of Java's DateTimeFormatter. A text \
     is read as `yyyy-MM-dd HH:mm:ss` and written with the letters of SimpleDateFormat.",
    ("DATE_FORMAT(TIMESTAMP '2020-01-02 03:04:05', 'EEE, d MMM yy hh:mm a D')", "Thu, 2 Jan 20 03:04 AM 2"),
    Parameters::Of(&[Kind::TimestampOrText, Kind::Text], 2),
    returns!(DataType::Utf8),
    |call| {
        let times = call.array(0)?;
        let given = call.text(1)?;
        // Of a text both its reading and its writing are by the other kind of pattern, as in Flink.
        if *times.data_type() == DataType::Utf8 {
            let (texts, patterns) = (call.text(0)?, Patterns::new(SimplePattern::parse));
            let timestamp = SimplePattern::parse(SECONDS)?;
            return call.try_texts(|row, out| {
                let time = texts.get(row).and_then(|text| timestamp.read(text));
                let time = time.and_then(|(seconds, _)| chrono::DateTime::from_timestamp(seconds, 0));
                let (Some(time), Some(pattern)) = (time, given.get(row)) else { return Ok(None) };
                patterns.with(pattern, |pattern| pattern.write(time.naive_utc(), out)).map(Some)
            });
        }
        let times = LocalTimes::new(&times, call.zone()?)?;
        let patterns = Patterns::new(Pattern::parse);
        call.try_texts(|row, out| {
            let (Some(time), Some(pattern)) = (times.datetime(row), given.get(row)) else { return Ok(None) };
            patterns.with(pattern, |pattern| pattern.write(time, out)).map(Some)
        })
    },
);

const FROM_UNIXTIME: Definition = Definition::new(
    Family::Time,
    "FROM_UNIXTIME",
    "FROM_UNIXTIME(seconds [, pattern])",
    "So many seconds after 1970-01-01T00:00:00Z as a text in the session zone, by default of the pattern \
     `yyyy-MM-dd HH:mm:ss`, else of one of Java's SimpleDateFormat.",
    ("FROM_UNIXTIME(1577836800)", "2020-01-01 00:00:00"),
    Parameters::Of(&[Kind::Long, Kind::Text], 1),
    returns!(DataType::Utf8),
    |call| {
        let seconds = call.long(0)?;
        let patterns = if call.len() > 1 { Some(call.text(1)?) } else { None };
        let zone = call.zone()?;
        let parsed = Patterns::new(SimplePattern::parse);
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
    "A timestamp `yyyy-MM-dd HH:mm:ss` of one zone as a text in another. A time that comes twice is the later.",
    ("CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')", "1969-12-31 16:00:00"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 3),
    returns!(DataType::Utf8),
    |call| {
        let (texts, from, to) = (call.text(0)?, call.text(1)?, call.text(2)?);
        let pattern = SimplePattern::parse(SECONDS)?;
        call.try_texts(|row, out| {
            let (Some(text), Some(from), Some(to)) = (texts.get(row), from.get(row), to.get(row)) else {
                return Ok(None);
            };
            let (from, to) = (Zone::parse(from)?, Zone::parse(to)?);
            let time = pattern.read(text).map(|(seconds, _)| to.to_local(from.to_later_utc(seconds)));
            let time = time.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
            Ok(time.map(|time| pattern.write(time.naive_utc(), out)))
        })
    },
);

pub const DEFINITIONS: &[&Definition] = &[&TO_TIMESTAMP, &TO_DATE, &DATE_FORMAT, &FROM_UNIXTIME, &CONVERT_TZ];
