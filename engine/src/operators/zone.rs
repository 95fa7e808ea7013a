//! From the epoch to the clock on a wall, and back: windows of a TIMESTAMP_LTZ are aligned in the session's time zone.

use std::cell::Cell;

use chrono::MappedLocalTime;
use datafusion::arrow::array::timezone::Tz;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::datatypes::{
    DataType, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};

use super::Timestamp;
use super::window::MAX_TIME;
use crate::error::{Error, Result};
use crate::types::zone::{offset_at, offsets_of_local};

/// A time zone. Local times are milliseconds too: those that UTC would have if its clocks showed the same.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    /// `None`: UTC, or times that have no zone.
    zone: Option<Tz>,
    /// The last quarter of an hour asked for and its offset: offsets change at the start of one.
    last: Cell<(i64, i64)>,
}

/// Of a second.
const MILLIS: i64 = 1_000;
const QUARTER: i64 = 900_000;
const HOUR: i64 = 3_600_000;

impl Zone {
    /// For times that stand as they are.
    pub fn utc() -> Self {
        Zone { zone: None, last: Cell::new((i64::MIN, 0)) }
    }

    /// # Errors
    /// User errors for names that are no zone.
    pub fn named(name: &str) -> Result<Self> {
        let bare = name.strip_prefix("GMT").or_else(|| name.strip_prefix("UTC")).unwrap_or(name);
        if bare.is_empty() || bare.eq_ignore_ascii_case("Z") {
            return Ok(Zone::utc());
        }
        let zone = bare.parse().map_err(|_| {
            Error::user(format!("`{name}` is no time zone"))
                .hint("set 'table.local-time-zone' to an IANA name such as Europe/Berlin, or an offset such as +08:00")
        })?;
        Ok(Zone { zone: Some(zone), last: Cell::new((i64::MIN, 0)) })
    }

    /// The local time of an instant.
    pub fn to_local(&self, instant: Timestamp) -> Timestamp {
        let Some(zone) = &self.zone else { return instant };
        let quarter = instant.div_euclid(QUARTER);
        let (last, mut offset) = self.last.get();
        if last != quarter {
            offset = MILLIS * offset_at(zone, instant.div_euclid(MILLIS));
            self.last.set((quarter, offset));
        }
        instant.saturating_add(offset)
    }

    /// The instant at which the timer of a local time is due: as in Flink, of one that comes twice the later, and for one
    /// that is skipped the start of its hour.
    pub fn to_instant(&self, local: Timestamp) -> Timestamp {
        let Some(zone) = &self.zone else { return local };
        match offsets(zone, local) {
            MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(_, offset) => local - offset,
            MappedLocalTime::None => {
                let instant = local - offsets(zone, local - HOUR).latest().unwrap_or(0);
                instant - instant.rem_euclid(HOUR)
            }
        }
    }

    /// The row time that a window gives its rows, a millisecond before its (local) end. It is not the instant of the
    /// window's timer: as in Flink, of a local time that comes twice it is the earlier, and for one that is skipped it is
    /// what a clock that was not put forward would show.
    pub fn row_time(&self, end: Timestamp) -> Timestamp {
        let local = end.saturating_sub(1);
        let Some(zone) = &self.zone else { return local };
        match offsets(zone, local) {
            MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => local - offset,
            MappedLocalTime::None => {
                // What is skipped is an hour mostly, and a whole day at the most.
                let before = (1..=25).find_map(|hours| offsets(zone, local - hours * HOUR).latest());
                local - before.unwrap_or(0)
            }
        }
    }
}

/// Milliseconds that a zone is ahead of UTC when its clock shows `local`; of a time that comes twice, the earlier first.
fn offsets(zone: &Tz, local: Timestamp) -> MappedLocalTime<i64> {
    offsets_of_local(zone, local.div_euclid(MILLIS)).map(|seconds| MILLIS * seconds)
}

/// A timestamp column has a zone: it is a TIMESTAMP_LTZ.
pub(super) fn is_local(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(_, Some(_)))
}

/// A window of a stream cannot do without the time of a row.
///
/// # Errors
/// A user error where a row has NULL for it.
pub(super) fn refuse_nulls(rows: &RecordBatch, column: usize) -> Result<()> {
    if rows.column(column).null_count() == 0 {
        return Ok(());
    }
    let schema = rows.schema();
    let name = schema.field(column).name();
    let error = Error::user(format!("a row has NULL in '{name}', by which it should fall in a window"));
    Err(error.hint(format!(
        "leave such rows out by WHERE {name} IS NOT NULL, or give them a time by COALESCE in a computed column"
    )))
}

/// Which rows have a time that windows can have: not NULL, and within 142,000 years; `None`: all.
pub(super) fn timely(column: &ArrayRef, times: &[Timestamp]) -> Option<BooleanBuffer> {
    let within = |time: Timestamp| (-MAX_TIME..=MAX_TIME).contains(&time);
    if column.null_count() == 0 && times.iter().all(|&time| within(time)) {
        return None;
    }
    let within: BooleanBuffer = times.iter().map(|&time| within(time)).collect();
    Some(column.nulls().map_or_else(|| within.clone(), |nulls| nulls.inner() & &within))
}

/// The values of a timestamp column in milliseconds, NULL or not.
///
/// # Errors
/// A bug where the column is no timestamp.
pub(super) fn milliseconds(column: &ArrayRef) -> Result<Vec<Timestamp>> {
    let DataType::Timestamp(unit, _) = column.data_type() else {
        return Err(Error::bug(format!("a time attribute of type {}", column.data_type())));
    };
    Ok(match unit {
        TimeUnit::Second => {
            let seconds = column.as_primitive::<TimestampSecondType>().values();
            seconds.iter().map(|second| second.saturating_mul(1000)).collect()
        }
        TimeUnit::Millisecond => column.as_primitive::<TimestampMillisecondType>().values().to_vec(),
        TimeUnit::Microsecond => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().values();
            micros.iter().map(|micro| micro.div_euclid(1000)).collect()
        }
        TimeUnit::Nanosecond => {
            let nanos = column.as_primitive::<TimestampNanosecondType>().values();
            nanos.iter().map(|nano| nano.div_euclid(1_000_000)).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;

    #[test]
    fn local_times_that_are_skipped_or_come_twice() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%F %T").unwrap().and_utc().timestamp_millis();
        assert_eq!(berlin.to_local(at("2026-03-29 00:59:59")), at("2026-03-29 01:59:59"));
        assert_eq!(berlin.to_local(at("2026-03-29 01:00:00")), at("2026-03-29 03:00:00"));
        assert_eq!(berlin.to_instant(at("2026-03-29 02:30:00")), at("2026-03-29 01:00:00"));
        assert_eq!(berlin.to_instant(at("2026-10-25 02:30:00")), at("2026-10-25 01:30:00"));
        assert_eq!(berlin.to_instant(at("2026-07-01 12:00:00")), at("2026-07-01 10:00:00"));
        // Rules go on beyond the table of zones.
        assert_eq!(berlin.to_local(at("2150-07-01 10:00:00")), at("2150-07-01 12:00:00"));
        assert_eq!(berlin.to_instant(at("2150-07-01 12:00:00")), at("2150-07-01 10:00:00"));
    }

    #[test]
    fn row_times_of_windows_that_end_in_what_is_skipped_or_comes_twice() {
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%F %T").unwrap().and_utc().timestamp_millis();
        let berlin = Zone::named("Europe/Berlin").unwrap();
        assert_eq!(berlin.row_time(at("2026-03-29 02:30:00")), at("2026-03-29 01:30:00") - 1);
        assert_eq!(berlin.row_time(at("2026-03-29 03:00:00")), at("2026-03-29 02:00:00") - 1);
        assert_eq!(berlin.row_time(at("2026-03-29 03:30:00")), at("2026-03-29 01:30:00") - 1);
        assert_eq!(berlin.row_time(at("2026-10-25 02:30:00")), at("2026-10-25 00:30:00") - 1);
        assert_eq!(berlin.row_time(at("2026-10-25 03:00:00")), at("2026-10-25 01:00:00") - 1);
        assert_eq!(berlin.row_time(at("2026-10-25 03:30:00")), at("2026-10-25 02:30:00") - 1);
        // A day that Samoa did without.
        let apia = Zone::named("Pacific/Apia").unwrap();
        assert_eq!(apia.row_time(at("2011-12-30 12:00:00")), at("2011-12-30 22:00:00") - 1);
        assert_eq!(Zone::utc().row_time(10), 9);
    }

    #[test]
    fn zones_by_offset() {
        assert_eq!(Zone::named("GMT+08:00").unwrap().to_local(0), 8 * HOUR);
        assert_eq!(Zone::named("UTC").unwrap().to_local(5), 5);
        assert!(Zone::named("Nowhere/Land").is_err());
    }
}
