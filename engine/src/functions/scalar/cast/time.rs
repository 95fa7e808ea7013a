//! Dates, times and timestamps, and the session's zone between them.

use std::str::FromStr;
use std::sync::Arc;

use chrono::{MappedLocalTime, NaiveDateTime};
use datafusion::arrow::array::timezone::Tz;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{DataType, Int32Type, Int64Type, TimeUnit};

use crate::error::{Error, Result};
use crate::types::NANOSECONDS_END;
use crate::types::calendar::date_of;
use crate::types::zone::{offset_at, offsets_of_local};

pub const DAY: i64 = 86_400;

/// The session's time zone.
pub enum Zone {
    Utc,
    Named(Tz),
}

impl Zone {
    /// An IANA name, an offset, or an offset after GMT or UTC, `GMT+8`; empty is UTC.
    ///
    /// # Errors
    /// A user error for others.
    pub fn parse(name: &str) -> Result<Self> {
        if matches!(name, "" | "UTC" | "Z" | "Etc/UTC" | "GMT") {
            return Ok(Zone::Utc);
        }
        let unknown = || Error::user(format!("'{name}' is not a time zone"));
        let bare = ["GMT", "UTC", "UT"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        let zone = if bare.starts_with(['+', '-']) {
            Tz::from_str(&two_digit_hour(bare)).map_err(|_| unknown())?
        } else {
            Tz::from_str(name).map_err(|_| unknown())?
        };
        Ok(Zone::Named(zone))
    }

    /// Seconds of the zone's clock at seconds since the epoch.
    pub fn to_local(&self, seconds: i64) -> i64 {
        match self {
            Zone::Utc => seconds,
            Zone::Named(zone) => seconds.saturating_add(offset_at(zone, seconds)),
        }
    }

    /// Seconds since the epoch at seconds of the zone's clock. As in Java: of two times the earlier, and a time that the
    /// clock leaves out counts on from before the gap.
    pub fn to_utc(&self, local: i64) -> i64 {
        self.resolve(local, i64::max)
    }

    /// As [`Zone::to_utc`], but of two times the later: what Java's SimpleDateFormat takes, and so the functions of Flink
    /// that read texts by it.
    pub fn to_later_utc(&self, local: i64) -> i64 {
        self.resolve(local, i64::min)
    }

    fn resolve(&self, local: i64, of_two: fn(i64, i64) -> i64) -> i64 {
        let Zone::Named(zone) = self else { return local };
        let offset = match offsets_of_local(zone, local) {
            MappedLocalTime::Single(offset) => offset,
            MappedLocalTime::Ambiguous(one, other) => of_two(one, other),
            MappedLocalTime::None => offset_at(zone, local.saturating_sub(DAY)),
        };
        local.saturating_sub(offset)
    }
}

/// An offset whose hour may have one digit, `+8`, `+8:30` or `+830`, with two.
fn two_digit_hour(offset: &str) -> String {
    let (sign, rest) = offset.split_at(1);
    let hour = rest.split(':').next().unwrap_or(rest);
    if hour.len() % 2 == 1 { format!("{sign}0{rest}") } else { offset.to_owned() }
}

pub fn ticks_per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// Digits after the second.
pub fn digits(unit: TimeUnit) -> usize {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    }
}

/// Seconds, and nanoseconds within the second.
pub fn split_ticks(ticks: i64, unit: TimeUnit) -> (i64, u32) {
    let per_second = ticks_per_second(unit);
    let within = ticks.rem_euclid(per_second) * (1_000_000_000 / per_second);
    (ticks.div_euclid(per_second), within as u32)
}

/// `None` where the unit cannot hold it.
pub fn join_ticks(seconds: i64, nanoseconds: u32, unit: TimeUnit) -> Option<i64> {
    let per_second = ticks_per_second(unit);
    seconds.checked_mul(per_second)?.checked_add(i64::from(nanoseconds) / (1_000_000_000 / per_second))
}

/// Seconds of the local clock since 1970, and nanoseconds, of a value of a DATE, TIME or TIMESTAMP type.
pub fn to_local_parts(value: i64, from: &DataType, zone: &Zone) -> (i64, u32) {
    match from {
        DataType::Date32 => (value * DAY, 0),
        DataType::Time32(unit) | DataType::Timestamp(unit, None) => split_ticks(value, *unit),
        DataType::Timestamp(unit, Some(_)) => {
            let (seconds, nanoseconds) = split_ticks(value, *unit);
            (zone.to_local(seconds), nanoseconds)
        }
        _ => (value, 0),
    }
}

/// A local time of seconds and nanoseconds as a value of a DATE, TIME or TIMESTAMP type; `None` where it does not fit.
pub fn from_local(seconds: i64, nanoseconds: u32, to: &DataType, zone: &Zone) -> Option<i64> {
    match to {
        DataType::Date32 => Some(seconds.div_euclid(DAY)),
        DataType::Time32(unit) => join_ticks(seconds.rem_euclid(DAY), nanoseconds, *unit),
        DataType::Timestamp(unit, None) => join_ticks(seconds, nanoseconds, *unit),
        DataType::Timestamp(unit, Some(_)) => join_ticks(zone.to_utc(seconds), nanoseconds, *unit),
        _ => None,
    }
}

/// Values as a column of a DATE, TIME or TIMESTAMP type.
pub fn column(values: impl Iterator<Item = Option<i64>>, to: &DataType) -> Result<ArrayRef> {
    let array: ArrayRef = match to {
        DataType::Date32 | DataType::Time32(_) => {
            Arc::new(values.map(|value| value.and_then(|value| i32::try_from(value).ok())).collect::<Int32Array>())
        }
        _ => Arc::new(values.collect::<Int64Array>()),
    };
    Ok(compute::cast(&array, to)?)
}

/// Between DATE, TIME, TIMESTAMP and TIMESTAMP_LTZ.
///
/// # Errors
/// A user error for a timestamp that the other unit cannot hold.
pub fn convert(array: &ArrayRef, to: &DataType, zone: &Zone) -> Result<ArrayRef> {
    let from = array.data_type().clone();
    let ticks: Int64Array = match &from {
        DataType::Date32 | DataType::Time32(_) => {
            let days = compute::cast(array, &DataType::Int32)?;
            days.as_primitive::<Int32Type>().unary(i64::from)
        }
        _ => compute::cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone(),
    };
    let instants = matches!((&from, to), (DataType::Timestamp(_, from), DataType::Timestamp(_, to)) if from.is_some() == to.is_some());
    let convert = |ticks: i64| -> Option<i64> {
        match (&from, to) {
            (DataType::Timestamp(from, _), DataType::Timestamp(to, _)) if instants => {
                let (seconds, nanoseconds) = split_ticks(ticks, *from);
                join_ticks(seconds, nanoseconds, *to)
            }
            (from, to) => {
                let (seconds, nanoseconds) = to_local_parts(ticks, from, zone);
                from_local(seconds, nanoseconds, to, zone)
            }
        }
    };
    let values = ticks.iter().map(|value| value.and_then(convert)).collect::<Vec<_>>();
    if let Some(row) = (0..values.len()).find(|&row| values[row].is_none() && ticks.is_valid(row)) {
        let (seconds, _) = to_local_parts(ticks.value(row), &from, zone);
        return Err(out_of_range(seconds, to));
    }
    column(values.into_iter(), to)
}

/// A time on the zone's clock as a value of a DATE, TIME or TIMESTAMP type.
///
/// # Errors
/// A user error where the type cannot hold it.
pub fn fit_local(time: NaiveDateTime, to: &DataType, zone: &Zone) -> Result<i64> {
    let time = time.and_utc();
    from_local(time.timestamp(), time.timestamp_subsec_nanos(), to, zone)
        .ok_or_else(|| out_of_range(time.timestamp(), to))
}

/// What is said of a time, in seconds of the clock since 1970, that a type cannot hold.
pub fn out_of_range(seconds: i64, to: &DataType) -> Error {
    let (year, month, day) = date_of(seconds.div_euclid(DAY));
    let error = Error::user(format!("a time of {year:04}-{month:02}-{day:02} is out of the range of its type"));
    match to {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => error.hint(NANOSECONDS_END),
        _ => error,
    }
}
