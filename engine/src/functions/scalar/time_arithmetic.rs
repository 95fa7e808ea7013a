//! Times shifted by units, counted between, and now.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{Months, NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::array::types::{Decimal128Type, Int32Type, Int64Type};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Volatility;

use super::cast::{Zone, column, fit_local, from_local, ticks_per_second};
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
    "A time n units later. Units: MILLISECOND, SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR, DECADE, CENTURY, \
     MILLENNIUM. A DATE becomes a TIMESTAMP(6) by units of less than a day.",
    ("CAST(TIMESTAMPADD('WEEK', 1, DATE '2003-01-02') AS STRING)", "2003-01-09"),
    Parameters::Of(&[Kind::Text, Kind::Long, Kind::Timestamp], 3),
    |arguments| {
        let length = arguments.constant_text(0).and_then(Unit::find).and_then(clock_milliseconds);
        Some(match (arguments.types.get(2)?, length) {
            (DataType::Date32, Some(..86_400_000)) => DataType::Timestamp(TimeUnit::Microsecond, None),
            (DataType::Timestamp(TimeUnit::Second, zone), Some(..1_000)) => {
                DataType::Timestamp(TimeUnit::Millisecond, zone.clone())
            }
            (other, _) => other.clone(),
        })
    },
    |call| {
        let unit = unit_of(call, 0)?;
        let counts = call.long(1)?;
        // An instant is shifted in UTC, whatever the session zone: as Flink does it.
        let times = LocalTimes::new(&call.array(2)?, Zone::Utc)?;
        let values = (0..call.rows).map(|row| {
            let shifted = times.datetime(row).zip(counts.get(row)).and_then(|(time, count)| add(time, count, unit));
            shifted.map(|shifted| fit_local(shifted, call.result, times.zone())).transpose()
        });
        column(values.collect::<Result<Vec<_>>>()?.into_iter(), call.result)
    },
);

/// The units of TIMESTAMPADD.
pub const ADDED: &[&str] = &[
    "MILLISECOND",
    "SECOND",
    "MINUTE",
    "HOUR",
    "DAY",
    "WEEK",
    "MONTH",
    "QUARTER",
    "YEAR",
    "DECADE",
    "CENTURY",
    "MILLENNIUM",
];

/// The units of TIMESTAMPDIFF. Flink has DECADE, too, and counts years by it.
pub const COUNTED: &[&str] = &[
    "NANOSECOND",
    "MICROSECOND",
    "MILLISECOND",
    "SECOND",
    "MINUTE",
    "HOUR",
    "DAY",
    "WEEK",
    "MONTH",
    "QUARTER",
    "YEAR",
    "CENTURY",
    "MILLENNIUM",
];

/// Milliseconds of a unit that has as many always.
fn clock_milliseconds(unit: Unit) -> Option<i64> {
    Some(match unit {
        Unit::Millisecond => 1,
        Unit::Second => 1_000,
        Unit::Minute => 60_000,
        Unit::Hour => 3_600_000,
        Unit::Day => 86_400_000,
        Unit::Week => 604_800_000,
        _ => return None,
    })
}

/// Months of a unit.
fn unit_months(unit: Unit) -> Option<i64> {
    Some(match unit {
        Unit::Month => 1,
        Unit::Quarter => 3,
        Unit::Year => 12,
        Unit::Decade => 120,
        Unit::Century => 1_200,
        Unit::Millennium => 12_000,
        _ => return None,
    })
}

fn add(time: NaiveDateTime, count: i64, unit: Unit) -> Option<NaiveDateTime> {
    if let Some(length) = clock_milliseconds(unit) {
        return time.checked_add_signed(TimeDelta::try_milliseconds(count.checked_mul(length)?)?);
    }
    let months = count.checked_mul(unit_months(unit)?)?;
    let magnitude = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { time.checked_sub_months(magnitude) } else { time.checked_add_months(magnitude) }
}

const TIMESTAMPDIFF: Definition = Definition::new(
    Family::Time,
    "TIMESTAMPDIFF",
    "TIMESTAMPDIFF(unit, from, to)",
    "The number of whole units from one time to another. Units: SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR, \
     CENTURY, MILLENNIUM; and as in Flink MILLISECOND, MICROSECOND and NANOSECOND (a BIGINT), which are those of the \
     whole seconds between. What an INT cannot hold wraps around.",
    ("TIMESTAMPDIFF('DAY', TIMESTAMP '2003-01-02 10:00:00', TIMESTAMP '2003-01-03 09:00:00')", "0"),
    // What lies between an instant and a time on a clock depends on where the clock hangs: Flink refuses it.
    Parameters::Rule(|types| {
        let times = types.get(1..)?;
        let instants = times.iter().any(|it| matches!(it, DataType::Timestamp(_, Some(_))));
        let local = times.iter().any(|it| matches!(it, DataType::Timestamp(_, None) | DataType::Date32));
        let parameters = Parameters::Of(&[Kind::Text, Kind::Timestamp, Kind::Timestamp], 3);
        if instants && local { None } else { parameters.coerce(types) }
    }),
    |arguments| match arguments.constant_text(0).and_then(Unit::find) {
        Some(Unit::Nanosecond) => Some(DataType::Int64),
        _ => Some(DataType::Int32),
    },
    |call| {
        let unit = unit_of(call, 0)?;
        // Between instants it is counted in UTC, whatever the session zone.
        let from = LocalTimes::new(&call.array(1)?, Zone::Utc)?;
        let to = LocalTimes::new(&call.array(2)?, Zone::Utc)?;
        let count = |row| units_between(milliseconds(from.datetime(row)?)?, milliseconds(to.datetime(row)?)?, unit);
        match call.result {
            DataType::Int64 => call.primitives::<Int64Type>(count),
            _ => call.primitives::<Int32Type>(|row| Some(count(row)? as i32)),
        }
    },
);

/// A time without what is less than a millisecond: Flink does not count it.
fn milliseconds(time: NaiveDateTime) -> Option<NaiveDateTime> {
    time.with_nanosecond(time.nanosecond() / 1_000_000 * 1_000_000)
}

fn units_between(from: NaiveDateTime, to: NaiveDateTime, unit: Unit) -> Option<i64> {
    let between = (to - from).num_milliseconds();
    let in_a_second = match unit {
        Unit::Millisecond => 1_000,
        Unit::Microsecond => 1_000_000,
        Unit::Nanosecond => 1_000_000_000,
        unit => {
            return match clock_milliseconds(unit) {
                Some(length) => Some(between / length),
                None => Some(months_between(from, to)? / unit_months(unit)?),
            };
        }
    };
    Some((between / 1_000).wrapping_mul(in_a_second))
}

/// Whole months from one time to another, as Calcite counts them: from January 31 to February 28 is one. Backwards it
/// counts one more where the time of day is earlier, not where it is later.
fn months_between(from: NaiveDateTime, to: NaiveDateTime) -> Option<i64> {
    let (from_day, to_day) = (from.date(), to.date());
    let (months, reached) = if to_day < from_day {
        let months = day_months(to_day, from_day)?;
        (-months, from_day.checked_sub_months(Months::new(u32::try_from(months).ok()?))?)
    } else {
        let months = day_months(from_day, to_day)?;
        (months, from_day.checked_add_months(Months::new(u32::try_from(months).ok()?))?)
    };
    Some(if reached == to_day && to.time() < from.time() { months - 1 } else { months })
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

/// Seconds of the years 0 to 9999.
const INSTANTS: std::ops::Range<i64> = -62_167_219_200..253_402_300_800;

const TO_TIMESTAMP_LTZ: Definition = Definition::new(
    Family::Time,
    "TO_TIMESTAMP_LTZ",
    "TO_TIMESTAMP_LTZ(number [, precision]) or TO_TIMESTAMP_LTZ(text [, pattern [, zone]])",
    "The instant so many seconds (precision 0), milliseconds (3, the default), microseconds (6) or nanoseconds (9) after \
     1970-01-01T00:00:00Z, a TIMESTAMP_LTZ of the precision and at least 3; or that of a text, in a zone, else in UTC. NULL for a text that is not of the pattern, and outside of the years 0 to 9999.",
    ("CAST(TO_TIMESTAMP_LTZ(1577836800123, 3) AS STRING)", "2020-01-01 00:00:00.123"),
    Parameters::Rule(|types| match types.first()? {
        DataType::Utf8 | DataType::Null => Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 1).coerce(types),
        integer if integer.is_signed_integer() => Parameters::Of(&[Kind::Long, Kind::Int], 1).coerce(types),
        DataType::Decimal128(..) => Parameters::Of(&[Kind::Number, Kind::Int], 1).coerce(types),
        _ => Parameters::Of(&[Kind::Double, Kind::Int], 1).coerce(types),
    }),
    |arguments| {
        let precision = match arguments.constants.get(1).copied().flatten() {
            Some(ScalarValue::Int32(Some(precision))) => (*precision).clamp(3, 9),
            _ => 3,
        };
        Some(crate::types::timestamp_ltz(crate::types::time_unit(precision.unsigned_abs())))
    },
    |call| {
        if call.types().first() == Some(&&DataType::Utf8) {
            return super::time_format::to_instant(call);
        }
        let per_second = match call.result {
            DataType::Timestamp(unit, _) => ticks_per_second(*unit),
            _ => 1,
        };
        let precisions = if call.len() > 1 { Some(call.int(1)?) } else { None };
        // How many of the result's ticks one of the number's units is, or is one of.
        let digits = i64::from(per_second.ilog10());
        let shift = |row: usize| {
            let precision = precisions.as_ref().map_or(Some(3), |precisions| precisions.get(row))?;
            (0..=9).contains(&precision).then(|| digits - i64::from(precision))
        };
        let in_range = |instant: &i64| INSTANTS.contains(&instant.div_euclid(per_second));
        if call.types().first() == Some(&&DataType::Float64) {
            let numbers = call.double(0)?;
            let instant = |row| Some((numbers.get(row)? * 10f64.powi(shift(row)? as i32)).floor() as i64);
            return column((0..call.rows).map(|row| instant(row).filter(in_range)), call.result);
        }
        if let Some(DataType::Decimal128(_, scale)) = call.types().first() {
            let numbers = call.primitive::<Decimal128Type>(0)?;
            let one = 10i128.pow(u32::try_from(*scale).unwrap_or(0));
            // What is less than a second, or a millisecond, is cut off before it is one.
            let instant = |row| shifted(numbers.get(row)? / one, shift(row)?);
            return column((0..call.rows).map(|row| instant(row).filter(in_range)), call.result);
        }
        let numbers = call.long(0)?;
        let instant = |row| shifted(numbers.get(row)?.into(), shift(row)?);
        column((0..call.rows).map(|row| instant(row).filter(in_range)), call.result)
    },
);

/// A number × 10^digits, what would be behind the point cut off; `None` where that is no BIGINT.
fn shifted(number: i128, digits: i64) -> Option<i64> {
    let power = 10i128.checked_pow(u32::try_from(digits.unsigned_abs()).ok()?)?;
    let shifted = if digits < 0 { number.div_euclid(power) } else { number.checked_mul(power)? };
    i64::try_from(shifted).ok()
}

const TO_UNIX: Definition = Definition::new(
    Family::Time,
    "UNIX_TIMESTAMP",
    "UNIX_TIMESTAMP([text [, pattern]])",
    "Seconds since 1970-01-01T00:00:00Z: now, or of a text in the session zone, by default of the pattern \
     `yyyy-MM-dd HH:mm:ss`, else of one of Java's SimpleDateFormat. What follows in the text is ignored; a text that is \
     not of the pattern gives the least BIGINT.",
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
