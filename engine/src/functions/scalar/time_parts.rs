//! Parts of times, and times rounded to them. A TIMESTAMP_LTZ is seen on the session zone's clock.

use std::sync::Arc;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use datafusion::arrow::array::types::{Int64Type, IntervalYearMonthType};
use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, IntervalUnit, TimeUnit};

use super::cast::{Zone, column, fit_local, to_local_parts};
use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use crate::error::{Error, Result};
use crate::suggest::did_you_mean;

/// A unit of time, as EXTRACT, FLOOR, TIMESTAMPADD and the like name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Millennium,
    Century,
    Decade,
    Year,
    IsoYear,
    Quarter,
    Month,
    Week,
    Day,
    DayOfYear,
    /// From Sunday, 1.
    DayOfWeek,
    /// From Monday, 1.
    IsoDayOfWeek,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    Epoch,
}

const UNITS: &[(&str, Unit)] = &[
    ("MILLENNIUM", Unit::Millennium),
    ("CENTURY", Unit::Century),
    ("DECADE", Unit::Decade),
    ("YEAR", Unit::Year),
    ("ISOYEAR", Unit::IsoYear),
    ("QUARTER", Unit::Quarter),
    ("MONTH", Unit::Month),
    ("WEEK", Unit::Week),
    ("DAY", Unit::Day),
    ("DOY", Unit::DayOfYear),
    ("DOW", Unit::DayOfWeek),
    ("ISODOW", Unit::IsoDayOfWeek),
    ("HOUR", Unit::Hour),
    ("MINUTE", Unit::Minute),
    ("SECOND", Unit::Second),
    ("MILLISECOND", Unit::Millisecond),
    ("MICROSECOND", Unit::Microsecond),
    ("NANOSECOND", Unit::Nanosecond),
    ("EPOCH", Unit::Epoch),
    ("SQL_TSI_YEAR", Unit::Year),
    ("SQL_TSI_QUARTER", Unit::Quarter),
    ("SQL_TSI_MONTH", Unit::Month),
    ("SQL_TSI_WEEK", Unit::Week),
    ("SQL_TSI_DAY", Unit::Day),
    ("SQL_TSI_HOUR", Unit::Hour),
    ("SQL_TSI_MINUTE", Unit::Minute),
    ("SQL_TSI_SECOND", Unit::Second),
];

/// What EXTRACT finds in an interval of months.
pub const PARTS_OF_MONTHS: &[&str] = &["MILLENNIUM", "CENTURY", "YEAR", "QUARTER", "MONTH"];
/// What EXTRACT finds in an interval of days and less.
pub const PARTS_OF_DAYS: &[&str] = &["DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "EPOCH"];
/// What FLOOR and CEIL round to.
pub const ROUNDED: &[&str] = &[
    "MILLENNIUM",
    "CENTURY",
    "DECADE",
    "YEAR",
    "QUARTER",
    "MONTH",
    "WEEK",
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "MILLISECOND",
    "MICROSECOND",
];
/// What they round a TIME to.
pub const ROUNDED_TIME: &[&str] = &["HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"];

impl Unit {
    pub fn find(name: &str) -> Option<Self> {
        UNITS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, unit)| *unit)
    }

    /// # Errors
    /// A user error with the nearest names.
    pub fn parse(name: &str) -> Result<Self> {
        Self::find(name).ok_or_else(|| {
            Error::user(format!("`{name}` is not a unit of time"))
                .hint(did_you_mean(name, UNITS.iter().map(|(name, _)| *name)))
        })
    }
}

/// The unit that an argument names, which is a literal.
pub fn unit_of(call: &Call, index: usize) -> Result<Unit> {
    match call.text(index)?.get(0) {
        Some(name) if call.constant.get(index) == Some(&true) => Unit::parse(name),
        _ => Err(Error::user(format!("{} wants its unit as a word", call.name))),
    }
}

/// A column of times on the local clock.
pub struct LocalTimes {
    ticks: ArrayRef,
    data_type: DataType,
    zone: Zone,
}

impl LocalTimes {
    pub fn new(array: &ArrayRef, zone: Zone) -> Result<Self> {
        let integers = match array.data_type() {
            DataType::Date32 | DataType::Time32(_) => cast(array, &DataType::Int32)?,
            _ => array.clone(),
        };
        Ok(LocalTimes { ticks: cast(&integers, &DataType::Int64)?, data_type: array.data_type().clone(), zone })
    }

    /// Seconds of the local clock since 1970, and nanoseconds.
    pub fn get(&self, row: usize) -> Option<(i64, u32)> {
        let ticks = self.ticks.as_primitive::<Int64Type>();
        ticks.is_valid(row).then(|| to_local_parts(ticks.value(row), &self.data_type, &self.zone))
    }

    pub fn datetime(&self, row: usize) -> Option<NaiveDateTime> {
        let (seconds, nanoseconds) = self.get(row)?;
        Some(chrono::DateTime::from_timestamp(seconds, nanoseconds)?.naive_utc())
    }

    pub fn zone(&self) -> &Zone {
        &self.zone
    }
}

/// A part of a time.
pub fn part(time: NaiveDateTime, unit: Unit) -> i64 {
    let year = i64::from(time.year());
    let nanosecond = i64::from(time.nanosecond());
    match unit {
        Unit::Millennium => (year + 999).div_euclid(1000),
        Unit::Century => (year + 99).div_euclid(100),
        Unit::Decade => year.div_euclid(10),
        Unit::Year => year,
        Unit::IsoYear => time.iso_week().year().into(),
        Unit::Quarter => time.quarter().into(),
        Unit::Month => time.month().into(),
        Unit::Week => time.iso_week().week().into(),
        Unit::Day => time.day().into(),
        Unit::DayOfYear => time.ordinal().into(),
        Unit::DayOfWeek => time.weekday().number_from_sunday().into(),
        Unit::IsoDayOfWeek => time.weekday().number_from_monday().into(),
        Unit::Hour => time.hour().into(),
        Unit::Minute => time.minute().into(),
        Unit::Second => time.second().into(),
        // Within the second, as Flink has it; the standard counts the seconds too.
        Unit::Millisecond => nanosecond / 1_000_000,
        Unit::Microsecond => nanosecond / 1_000,
        Unit::Nanosecond => nanosecond,
        Unit::Epoch => time.and_utc().timestamp(),
    }
}

/// A part of an interval.
fn interval_part(value: i64, is_months: bool, unit: Unit) -> Option<i64> {
    let seconds = value / 1000;
    Some(match (is_months, unit) {
        (true, Unit::Millennium) => value / 12_000,
        (true, Unit::Century) => value / 1_200,
        (true, Unit::Year) => value / 12,
        (true, Unit::Month) => value % 12,
        // As Flink has it: the third month is still one of the first quarter, as March is.
        (true, Unit::Quarter) => (value % 12 - 1) / 3 + 1,
        (false, Unit::Day) => seconds / 86_400,
        (false, Unit::Hour) => seconds / 3600 % 24,
        (false, Unit::Minute) => seconds / 60 % 60,
        (false, Unit::Second) => seconds % 60,
        (false, Unit::Millisecond) => value % 1_000,
        (false, Unit::Epoch) => seconds,
        _ => return None,
    })
}

fn extract(call: &Call, array: &ArrayRef, unit: Unit) -> Result<ArrayRef> {
    let is_months = *array.data_type() == DataType::Interval(IntervalUnit::YearMonth);
    if is_months || matches!(array.data_type(), DataType::Duration(_)) {
        let values = match array.as_primitive_opt::<IntervalYearMonthType>() {
            Some(months) => months.unary::<_, Int64Type>(i64::from),
            None => {
                let milliseconds = cast(array, &DataType::Duration(TimeUnit::Millisecond))?;
                cast(&milliseconds, &DataType::Int64)?.as_primitive::<Int64Type>().clone()
            }
        };
        return Ok(Arc::new(values.unary_opt::<_, Int64Type>(|value| interval_part(value, is_months, unit))));
    }
    let times = LocalTimes::new(array, call.zone()?)?;
    // The EPOCH of an instant counts the session zone's clock too, as Flink has it.
    call.primitives::<Int64Type>(|row| Some(part(times.datetime(row)?, unit)))
}

const EXTRACT: Definition = Definition::new(
    Family::Time,
    "EXTRACT",
    "EXTRACT(unit FROM time)",
    "A part of a time or interval: MILLENNIUM, CENTURY, DECADE, YEAR, ISOYEAR, QUARTER, MONTH, WEEK, DAY, DOY, DOW \
     (Sunday is 1), ISODOW, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND, NANOSECOND (these three within the second), \
     EPOCH, the seconds of the clock since 1970. Intervals of months have MILLENNIUM, CENTURY, YEAR, QUARTER and MONTH, \
     others DAY, HOUR, MINUTE, SECOND, MILLISECOND and EPOCH.",
    ("EXTRACT('YEAR', DATE '2020-01-02')", "2020"),
    Parameters::Of(&[Kind::Text, Kind::TemporalOrInterval], 2),
    returns!(DataType::Int64),
    |call| extract(call, &call.array(1)?, unit_of(call, 0)?),
);

macro_rules! part {
    ($constant:ident, $name:literal, $unit:expr, $doc:literal, $example:literal => $value:literal) => {
        const $constant: Definition = Definition::new(
            Family::Time,
            $name,
            concat!($name, "(time)"),
            $doc,
            ($example, $value),
            Parameters::Of(&[Kind::Temporal], 1),
            returns!(DataType::Int64),
            |call| extract(call, &call.array(0)?, $unit),
        );
    };
}

part!(YEAR, "YEAR", Unit::Year, "The year.", "YEAR(DATE '2020-01-02')" => "2020");
part!(QUARTER, "QUARTER", Unit::Quarter, "The quarter of the year.", "QUARTER(DATE '2020-05-02')" => "2");
part!(MONTH, "MONTH", Unit::Month, "The month.", "MONTH(DATE '2020-05-02')" => "5");
part!(WEEK, "WEEK", Unit::Week, "The ISO week of the year.", "WEEK(DATE '2021-01-02')" => "53");
part!(DAYOFYEAR, "DAYOFYEAR", Unit::DayOfYear, "The day of the year.", "DAYOFYEAR(DATE '2020-02-01')" => "32");
part!(DAYOFMONTH, "DAYOFMONTH", Unit::Day, "The day of the month.", "DAYOFMONTH(DATE '2020-02-03')" => "3");
part!(DAYOFWEEK, "DAYOFWEEK", Unit::DayOfWeek, "The day of the week; Sunday is 1.", "DAYOFWEEK(DATE '2020-01-05')" => "1");
part!(HOUR, "HOUR", Unit::Hour, "The hour.", "HOUR(TIMESTAMP '2020-01-02 03:04:05')" => "3");
part!(MINUTE, "MINUTE", Unit::Minute, "The minute.", "MINUTE(TIMESTAMP '2020-01-02 03:04:05')" => "4");
part!(SECOND, "SECOND", Unit::Second, "The second.", "SECOND(TIMESTAMP '2020-01-02 03:04:05')" => "5");

/// Begin of the unit that a time is in; `None` beyond the calendar and for units without a begin.
pub fn floor(time: NaiveDateTime, unit: Unit) -> Option<NaiveDateTime> {
    let day = time.date();
    let year = day.year();
    let begin = |year: i32, month: u32| NaiveDate::from_ymd_opt(year, month, 1).map(|day| day.and_time(NaiveTime::MIN));
    let clock =
        |hour: u32, minute: u32, second: u32, nanosecond: u32| day.and_hms_nano_opt(hour, minute, second, nanosecond);
    let (hour, minute, second, nanosecond) = (time.hour(), time.minute(), time.second(), time.nanosecond());
    match unit {
        Unit::Millennium => begin((year - 1).div_euclid(1000) * 1000 + 1, 1),
        Unit::Century => begin((year - 1).div_euclid(100) * 100 + 1, 1),
        Unit::Decade => begin(year.div_euclid(10) * 10, 1),
        Unit::Year => begin(year, 1),
        Unit::Quarter => begin(year, (day.month() - 1) / 3 * 3 + 1),
        Unit::Month => begin(year, day.month()),
        Unit::Week => {
            let sunday = day.checked_sub_days(Days::new(day.weekday().num_days_from_sunday().into()))?;
            Some(sunday.and_time(NaiveTime::MIN))
        }
        Unit::Day => Some(day.and_time(NaiveTime::MIN)),
        Unit::Hour => clock(hour, 0, 0, 0),
        Unit::Minute => clock(hour, minute, 0, 0),
        Unit::Second => clock(hour, minute, second, 0),
        Unit::Millisecond => clock(hour, minute, second, nanosecond / 1_000_000 * 1_000_000),
        Unit::Microsecond => clock(hour, minute, second, nanosecond / 1_000 * 1_000),
        _ => None,
    }
}

/// The next begin of a unit, unless the time is one.
fn ceil(time: NaiveDateTime, unit: Unit) -> Option<NaiveDateTime> {
    let begin = floor(time, unit)?;
    if begin == time {
        return Some(time);
    }
    let months = |count| begin.checked_add_months(Months::new(count));
    match unit {
        Unit::Millennium => months(12_000),
        Unit::Century => months(1_200),
        Unit::Decade => months(120),
        Unit::Year => months(12),
        Unit::Quarter => months(3),
        Unit::Month => months(1),
        Unit::Week => begin.checked_add_days(Days::new(7)),
        Unit::Day => begin.checked_add_days(Days::new(1)),
        Unit::Hour => begin.checked_add_signed(chrono::TimeDelta::hours(1)),
        Unit::Minute => begin.checked_add_signed(chrono::TimeDelta::minutes(1)),
        Unit::Second => begin.checked_add_signed(chrono::TimeDelta::seconds(1)),
        Unit::Millisecond => begin.checked_add_signed(chrono::TimeDelta::milliseconds(1)),
        Unit::Microsecond => begin.checked_add_signed(chrono::TimeDelta::microseconds(1)),
        _ => None,
    }
}

/// FLOOR and CEIL of times, to the unit that the second argument names.
pub fn round(call: &Call, array: &ArrayRef, up: bool) -> Result<ArrayRef> {
    let unit = unit_of(call, 1)?;
    let times = LocalTimes::new(array, call.zone()?)?;
    let round = if up { ceil } else { floor };
    let values = (0..call.rows).map(|row| {
        let rounded = times.datetime(row).and_then(|time| round(time, unit));
        rounded.map(|rounded| fit_local(rounded, call.result, times.zone())).transpose()
    });
    column(values.collect::<Result<Vec<_>>>()?.into_iter(), call.result)
}

pub const DEFINITIONS: &[&Definition] =
    &[&EXTRACT, &YEAR, &QUARTER, &MONTH, &WEEK, &DAYOFYEAR, &DAYOFMONTH, &DAYOFWEEK, &HOUR, &MINUTE, &SECOND];
