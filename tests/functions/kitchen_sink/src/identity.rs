//! The value itself, of every type.

use std::collections::BTreeMap;

use anabranch_udf::prelude::*;

/// A point with a name.
#[derive(Clone, Debug, PartialEq, Row)]
pub struct Place {
    /// East.
    pub x: f64,
    /// North, if it is known.
    pub y: Option<f64>,
    /// What it is called.
    pub name: Option<String>,
}

/// The `BOOLEAN` itself.
#[scalar]
pub fn same_bool(value: Option<bool>) -> Option<bool> {
    value
}

/// The `TINYINT` itself.
#[scalar]
pub fn same_tinyint(value: Option<i8>) -> Option<i8> {
    value
}

/// The `SMALLINT` itself.
#[scalar]
pub fn same_smallint(value: Option<i16>) -> Option<i16> {
    value
}

/// The `INT` itself.
#[scalar]
pub fn same_int(value: Option<i32>) -> Option<i32> {
    value
}

/// The `BIGINT` itself.
#[scalar]
pub fn same_bigint(value: Option<i64>) -> Option<i64> {
    value
}

/// The `FLOAT` itself.
#[scalar]
pub fn same_float(value: Option<f32>) -> Option<f32> {
    value
}

/// The `DOUBLE` itself.
#[scalar]
pub fn same_double(value: Option<f64>) -> Option<f64> {
    value
}

/// The `DECIMAL(20, 4)` itself.
#[scalar]
pub fn same_decimal(value: Option<Decimal<20, 4>>) -> Option<Decimal<20, 4>> {
    value
}

/// The `STRING` itself.
#[scalar]
pub fn same_string(value: Option<&str>) -> Option<&str> {
    value
}

/// The `BYTES` itself.
#[scalar]
pub fn same_bytes(value: Option<&[u8]>) -> Option<&[u8]> {
    value
}

/// The `DATE` itself.
#[scalar]
pub fn same_date(value: Option<Date>) -> Option<Date> {
    value
}

/// The `TIME` itself.
#[scalar]
pub fn same_time(value: Option<Time>) -> Option<Time> {
    value
}

/// The `TIMESTAMP(0)` itself.
#[scalar]
pub fn same_timestamp_seconds(value: Option<Timestamp<0>>) -> Option<Timestamp<0>> {
    value
}

/// The `TIMESTAMP(3)` itself.
#[scalar]
pub fn same_timestamp_millis(value: Option<Timestamp<3>>) -> Option<Timestamp<3>> {
    value
}

/// The `TIMESTAMP(6)` itself.
#[scalar]
pub fn same_timestamp_micros(value: Option<Timestamp>) -> Option<Timestamp> {
    value
}

/// The `TIMESTAMP(9)` itself.
#[scalar]
pub fn same_timestamp_nanos(value: Option<Timestamp<9>>) -> Option<Timestamp<9>> {
    value
}

/// The `TIMESTAMP_LTZ(3)` itself.
#[scalar]
pub fn same_timestamp_ltz(value: Option<TimestampLtz<3>>) -> Option<TimestampLtz<3>> {
    value
}

/// The `INTERVAL YEAR TO MONTH` itself.
#[scalar]
pub fn same_year_month(value: Option<IntervalYearMonth>) -> Option<IntervalYearMonth> {
    value
}

/// The `INTERVAL DAY TO SECOND` itself.
#[scalar]
pub fn same_day_second(value: Option<IntervalDaySecond>) -> Option<IntervalDaySecond> {
    value
}

/// The `ARRAY<BIGINT>` itself.
#[scalar]
pub fn same_array(value: Option<Vec<Option<i64>>>) -> Option<Vec<Option<i64>>> {
    value
}

/// The `ARRAY<ARRAY<STRING NOT NULL>>` itself.
#[scalar]
pub fn same_nested(value: Option<Vec<Option<Vec<String>>>>) -> Option<Vec<Option<Vec<String>>>> {
    value
}

/// The `MAP<STRING, INT>` itself.
#[scalar]
pub fn same_map(value: Option<BTreeMap<String, Option<i32>>>) -> Option<BTreeMap<String, Option<i32>>> {
    value
}

/// The `ROW<x DOUBLE NOT NULL, y DOUBLE, name STRING>` itself.
#[scalar]
pub fn same_row(value: Option<Place>) -> Option<Place> {
    value
}
