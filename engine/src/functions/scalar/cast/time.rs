//! Dates, times and timestamps, and the session's zone between them.

use std::str::FromStr;
use std::sync::Arc;

use chrono::{Offset, TimeZone};
use datafusion::arrow::array::timezone::Tz;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{DataType, Int32Type, Int64Type, TimeUnit};

use crate::error::{Error, Result};

pub const DAY: i64 = 86_400;

/// The session's time zone.
pub enum Zone {
    Utc,
    Named(Tz),
}

impl Zone {
    /// An IANA name or an offset; empty is UTC.
    ///
    /// # Errors
    /// A user error for others.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "" | "UTC" | "Z" | "Etc/UTC" | "GMT" => Ok(Zone::Utc),
            name => {
                let name = name.strip_prefix("GMT").filter(|rest| rest.starts_with(['+', '-'])).unwrap_or(name);
                let zone = Tz::from_str(name).map_err(|_| Error::user(format!("'{name}' is not a time zone")))?;
                Ok(Zone::Named(zone))
            }
        }
    }

    /// Seconds of the zone's clock at seconds since the epoch.
    pub fn to_local(&self, seconds: i64) -> i64 {
        let Zone::Named(zone) = self else { return seconds };
        let Some(time) = chrono::DateTime::from_timestamp(seconds, 0) else { return seconds };
        seconds + i64::from(zone.offset_from_utc_datetime(&time.naive_utc()).fix().local_minus_utc())
    }

    /// Seconds since the epoch at seconds of the zone's clock. As in Java: of two times the earlier, and a time that the
    /// clock leaves out counts on from before the gap.
    pub fn to_utc(&self, local: i64) -> i64 {
        let Zone::Named(zone) = self else { return local };
        let Some(time) = chrono::DateTime::from_timestamp(local, 0) else { return local };
        let time = time.naive_utc();
        match zone.offset_from_local_datetime(&time).earliest() {
            Some(offset) => local - i64::from(offset.fix().local_minus_utc()),
            None => {
                let before = zone.offset_from_utc_datetime(&(time - chrono::TimeDelta::days(1))).fix();
                local - i64::from(before.local_minus_utc())
            }
        }
    }
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
        return Err(Error::user(format!("the timestamp {} is out of the range of its type", ticks.value(row))));
    }
    column(values.into_iter(), to)
}
