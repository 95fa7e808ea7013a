//! Every kind of function over every type: what the tests and measurements of the host and the engine call.

pub mod aggregates;
pub mod failing;
pub mod identity;
#[cfg(test)]
mod native;
pub mod tables;

pub use aggregates::{Collect, Sum};

use anabranch_udf::prelude::*;

anabranch_udf::package!(
    add,
    add_rows,
    add_doubles,
    add_text,
    upper,
    len,
    coalesce,
    constant,
    where_bound,
    random,
    failing::fail_on,
    failing::panic_on,
    failing::spin_on,
    failing::allocate,
    failing::say,
    identity::same_bool,
    identity::same_tinyint,
    identity::same_smallint,
    identity::same_int,
    identity::same_bigint,
    identity::same_float,
    identity::same_double,
    identity::same_decimal,
    identity::same_string,
    identity::same_bytes,
    identity::same_date,
    identity::same_time,
    identity::same_timestamp_seconds,
    identity::same_timestamp_millis,
    identity::same_timestamp_micros,
    identity::same_timestamp_nanos,
    identity::same_timestamp_ltz,
    identity::same_year_month,
    identity::same_day_second,
    identity::same_array,
    identity::same_nested,
    identity::same_map,
    identity::same_row,
    tables::split,
    tables::repeat,
    tables::range,
    tables::points,
    Sum,
    Collect,
);

/// The sum of two numbers, over whole columns.
#[scalar(vectorized)]
pub fn add(a: Column<'_, i64>, b: Column<'_, i64>) -> Array<i64> {
    Array::binary(&a, &b, i64::wrapping_add)
}

/// The sum of two numbers, row by row.
#[scalar]
pub fn add_rows(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// The sum of two floating-point numbers: an overload of `add`.
#[scalar(name = "add")]
pub fn add_doubles(a: f64, b: f64) -> f64 {
    a + b
}

/// Two texts, one after the other: an overload of `add`.
#[scalar(name = "add")]
pub fn add_text(a: &str, b: &str, out: &mut TextWriter<'_>) {
    out.push_str(a);
    out.push_str(b);
}

/// The text in upper case.
#[scalar]
pub fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// Length of a text in characters.
#[scalar]
pub fn len(text: &str) -> i32 {
    text.chars().count() as i32
}

/// The first of two numbers that is not NULL.
#[scalar]
pub fn coalesce(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.or(b)
}

fn literal(context: &Context) -> Result<i64, String> {
    context.constant::<i64>(1)?.ok_or_else(|| "the second argument must be a literal".to_owned())
}

/// The sum of a number and a literal that is read once.
#[scalar(bind = literal)]
pub fn constant(literal: &i64, a: i64, _b: i64) -> i64 {
    a.wrapping_add(*literal)
}

/// The session's time zone and the option `greeting`, before a text.
#[scalar]
pub fn where_bound(context: &Context, text: &str) -> String {
    format!("{} {} {text}", context.time_zone(), context.option("greeting").unwrap_or("-"))
}

/// Another number on each call: how often the function was called.
#[scalar(nondeterministic)]
pub fn random(seed: i64) -> i64 {
    use std::sync::atomic::{AtomicI64, Ordering};
    static CALLS: AtomicI64 = AtomicI64::new(0);
    seed.wrapping_add(CALLS.fetch_add(1, Ordering::Relaxed))
}
