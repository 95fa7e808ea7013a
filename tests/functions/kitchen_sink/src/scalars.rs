//! Scalar functions: by row, over columns, overloaded, bound.

use anabranch_udf::prelude::*;

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
