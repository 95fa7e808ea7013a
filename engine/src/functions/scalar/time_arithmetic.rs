//! Times shifted by units, counted between, and now.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{Months, NaiveDate, NaiveDateTime, TimeDelta};
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::array::types::{Int32Type, Int64Type};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::logical_expr::Volatility;

use super::cast::{Zone, column, from_local};
use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use super::time_parts::{LocalTimes, Unit, unit_of};
use crate::error::Result;

fn milliseconds_ltz() -> DataType {
    crate::types::timestamp_ltz(TimeUnit::Millisecond)
}

const TIMESTAMPADD: Definition = Definition::new(
    Family::Time,
    "TIMESTAMPADD",
    "TIMESTAMPADD(unit, n, time)",
    "A time n units later. Units: SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR.",
    ("CAST(TIMESTAMPADD('WEEK', 1, DATE '2003-01-02') AS STRING)", "2003-01-09"),
    Parameters::Of(&[Kind::Text, Kind::Long, Kind::Timestamp], 3),
    |arguments| {
        let by_clock = arguments
            .constant_text(0)
            .and_then(Unit::find)
            .is_some_and(|unit| clock_seconds(unit) < Some(86_400) && clock_seconds(unit).is_some());
        match arguments.types.get(2)? {
            DataType::Date32 if by_clock => Some(DataType::Timestamp(TimeUnit::Second, None)),
            other => Some(other.clone()),
        }
    },
    |call| {
        let unit = unit_of(call, 0)?;
        let counts = call.long(1)?;
        // An instant is shifted in UTC, whatever the session zone: as Flink does it.
        let times = LocalTimes::new(&call.array(2)?, Zone::Utc)?;
        let values = (0..call.rows).map(|row| {
            let shifted = add(times.datetime(row)?, counts.get(row)?, unit)?.and_utc();
            from_local(shifted.timestamp(), shifted.timestamp_subsec_nanos(), call.result, times.zone())
        });
        column(values, call.result)
    },
);

/// Seconds of a unit that has as many always.
fn clock_seconds(unit: Unit) -> Option<i64> {
    Some(match unit {
        Unit::Second => 1,
        Unit::Minute => 60,
        Unit::Hour => 3_600,
        Unit::Day => 86_400,
        Unit::Week => 604_800,
        _ => return None,
    })
}

/// Months of a unit.
fn unit_months(unit: Unit) -> Option<i64> {
    Some(match unit {
        Unit::Month => 1,
        Unit::Quarter => 3,
        Unit::Year => 12,
        _ => return None,
    })
}

fn add(time: NaiveDateTime, count: i64, unit: Unit) -> Option<NaiveDateTime> {
    if let Some(seconds) = clock_seconds(unit) {
        return time.checked_add_signed(TimeDelta::try_seconds(count.checked_mul(seconds)?)?);
    }
    let months = count.checked_mul(unit_months(unit)?)?;
    let magnitude = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { time.checked_sub_months(magnitude) } else { time.checked_add_months(magnitude) }
}

const TIMESTAMPDIFF: Definition = Definition::new(
    Family::Time,
    "TIMESTAMPDIFF",
    "TIMESTAMPDIFF(unit, from, to)",
    "The number of whole units from one time to another. Units: SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR.",
    ("TIMESTAMPDIFF('DAY', TIMESTAMP '2003-01-02 10:00:00', TIMESTAMP '2003-01-03 09:00:00')", "0"),
    // What lies between an instant and a time on a clock depends on where the clock hangs: Flink refuses it.
    Parameters::Rule(|types| {
        let times = types.get(1..)?;
        let instants = times.iter().any(|it| matches!(it, DataType::Timestamp(_, Some(_))));
        let local = times.iter().any(|it| matches!(it, DataType::Timestamp(_, None) | DataType::Date32));
        let parameters = Parameters::Of(&[Kind::Text, Kind::Timestamp, Kind::Timestamp], 3);
        if instants && local { None } else { parameters.coerce(types) }
    }),
    returns!(DataType::Int32),
    |call| {
        let unit = unit_of(call, 0)?;
        // Between instants it is counted in UTC, whatever the session zone.
        let from = LocalTimes::new(&call.array(1)?, Zone::Utc)?;
        let to = LocalTimes::new(&call.array(2)?, Zone::Utc)?;
        call.primitives::<Int32Type>(|row| {
            let (from, to) = (from.datetime(row)?, to.datetime(row)?);
            let count = match clock_seconds(unit) {
                Some(seconds) => (to - from).num_milliseconds() / (seconds * 1000),
                None => months_between(from, to)? / unit_months(unit)?,
            };
            i32::try_from(count).ok()
        })
    },
);

/// Whole months from one time to another, as Calcite counts them: from January 31 to February 28 is one.
fn months_between(from: NaiveDateTime, to: NaiveDateTime) -> Option<i64> {
    if to < from {
        return Some(-months_between(to, from)?);
    }
    let mut months = day_months(from.date(), to.date())?;
    let begin = from.date().checked_add_months(Months::new(u32::try_from(months).ok()?))?;
    if begin == to.date() && to.time() < from.time() {
        months -= 1;
    }
    Some(months)
}

fn day_months(from: NaiveDate, to: NaiveDate) -> Option<i64> {
    let mut months = u32::try_from((to - from).num_days() / 31).ok()?;
    loop {
        let reached = from.checked_add_months(Months::new(months))? >= to;
        if reached || from.checked_add_months(Months::new(months + 1))? > to {
            return Some(months.into());
        }
        months += 1;
    }
}

/// Milliseconds since the epoch.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// The same instant for all rows of a batch.
fn current(call: &Call) -> Result<ArrayRef> {
    let now = now();
    let (seconds, nanoseconds) = (now.div_euclid(1000), (now.rem_euclid(1000) * 1_000_000) as u32);
    let zone = call.zone()?;
    let value = from_local(zone.to_local(seconds), nanoseconds, call.result, &zone);
    let value = match call.result {
        DataType::Timestamp(TimeUnit::Millisecond, Some(_)) => Some(now),
        _ => value,
    };
    column((0..call.rows).map(|_| value), call.result)
}

macro_rules! current {
    ($constant:ident, $name:literal, $doc:literal, $result:expr) => {
        const $constant: Definition = Definition::new(
            Family::Time,
            $name,
            concat!($name, "()"),
            $doc,
            (concat!($name, "() IS NOT NULL"), "TRUE"),
            Parameters::Of(&[], 0),
            returns!($result),
            current,
        )
        .volatile();
    };
}

current!(
    CURRENT_TIMESTAMP,
    "CURRENT_TIMESTAMP",
    "Now, TIMESTAMP_LTZ(3). Also without parentheses.",
    milliseconds_ltz()
);
current!(NOW, "NOW", "The same as CURRENT_TIMESTAMP.", milliseconds_ltz());
current!(
    CURRENT_ROW_TIMESTAMP,
    "CURRENT_ROW_TIMESTAMP",
    "The same as CURRENT_TIMESTAMP, in batch mode too for each row.",
    milliseconds_ltz()
);
current!(PROCTIME, "PROCTIME", "The processing time, TIMESTAMP_LTZ(3).", milliseconds_ltz());
current!(
    LOCALTIMESTAMP,
    "LOCALTIMESTAMP",
    "Now on the session zone's clock, TIMESTAMP(3). Also without parentheses.",
    DataType::Timestamp(TimeUnit::Millisecond, None)
);
current!(CURRENT_DATE, "CURRENT_DATE", "Today in the session zone. Also without parentheses.", DataType::Date32);
current!(
    CURRENT_TIME,
    "CURRENT_TIME",
    "The time of day in the session zone. Also without parentheses.",
    DataType::Time32(TimeUnit::Millisecond)
);
current!(LOCALTIME, "LOCALTIME", "The same as CURRENT_TIME.", DataType::Time32(TimeUnit::Millisecond));

/// Milliseconds of the years 0 to 9999.
const INSTANTS: std::ops::Range<i64> = -62_167_219_200_000..253_402_300_800_000;

const TO_TIMESTAMP_LTZ: Definition = Definition::new(
    Family::Time,
    "TO_TIMESTAMP_LTZ",
    "TO_TIMESTAMP_LTZ(number [, precision]) or TO_TIMESTAMP_LTZ(text [, pattern [, zone]])",
    "The instant so many seconds (precision 0) or milliseconds (3, the default) after 1970-01-01T00:00:00Z; or that of a \
     text, in a zone, else in UTC. NULL for a text that is not of the pattern, and outside of the years 0 to 9999.",
    ("CAST(TO_TIMESTAMP_LTZ(1577836800123, 3) AS STRING)", "2020-01-01 00:00:00.123"),
    Parameters::Rule(|types| match types.first()? {
        DataType::Utf8 | DataType::Null => Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 1).coerce(types),
        integer if integer.is_signed_integer() => Parameters::Of(&[Kind::Long, Kind::Int], 1).coerce(types),
        _ => Parameters::Of(&[Kind::Double, Kind::Int], 1).coerce(types),
    }),
    returns!(milliseconds_ltz()),
    |call| {
        if call.types().first() == Some(&&DataType::Utf8) {
            return super::time_format::to_instant(call);
        }
        let precisions = if call.len() > 1 { Some(call.int(1)?) } else { None };
        let factor = |row: usize| match precisions.as_ref().map_or(Some(3), |precisions| precisions.get(row)) {
            Some(0) => Some(1000),
            Some(3) => Some(1),
            _ => None,
        };
        if call.types().first() == Some(&&DataType::Float64) {
            let numbers = call.double(0)?;
            let instant = |row| Some((numbers.get(row)? * factor(row)? as f64) as i64);
            return column((0..call.rows).map(|row| instant(row).filter(|at| INSTANTS.contains(at))), call.result);
        }
        let numbers = call.long(0)?;
        let instant = |row| numbers.get(row)?.checked_mul(factor(row)?);
        column((0..call.rows).map(|row| instant(row).filter(|at| INSTANTS.contains(at))), call.result)
    },
);

const TO_UNIX: Definition = Definition::new(
    Family::Time,
    "UNIX_TIMESTAMP",
    "UNIX_TIMESTAMP([text [, pattern]])",
    "Seconds since 1970-01-01T00:00:00Z: now, or of a text in the session zone, by default of the pattern \
     `yyyy-MM-dd HH:mm:ss`.",
    ("UNIX_TIMESTAMP('2020-01-01 00:00:00')", "1577836800"),
    Parameters::Of(&[Kind::Text, Kind::Text], 0),
    returns!(DataType::Int64),
    |call| match call.len() {
        0 => {
            let seconds = now() / 1000;
            call.primitives::<Int64Type>(|_| Some(seconds))
        }
        _ => super::time_format::to_unix(call),
    },
);

/// Without arguments it is the time, and then it varies.
const UNIX_TIMESTAMP: Definition = Definition { volatility: Volatility::Stable, ..TO_UNIX };

pub const DEFINITIONS: &[&Definition] = &[
    &TIMESTAMPADD,
    &TIMESTAMPDIFF,
    &CURRENT_TIMESTAMP,
    &NOW,
    &CURRENT_ROW_TIMESTAMP,
    &PROCTIME,
    &LOCALTIMESTAMP,
    &CURRENT_DATE,
    &CURRENT_TIME,
    &LOCALTIME,
    &TO_TIMESTAMP_LTZ,
    &UNIX_TIMESTAMP,
];
