//! The same functions in every language: see the README beside these folders.

use std::time::Duration;

use anabranch_udf::http::Request;
use anabranch_udf::prelude::*;

anabranch_udf::package!(
    add,
    add_columns,
    mix,
    spread,
    root,
    len,
    reverse,
    both,
    add_amounts,
    later,
    backwards,
    mirrored,
    ask,
    split,
    Total
);

/// The sum of two numbers.
#[scalar]
pub fn add(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// The sum of two numbers, over whole columns.
#[scalar(vectorized)]
pub fn add_columns(a: Column<'_, i64>, b: Column<'_, i64>) -> Array<i64> {
    Array::binary(&a, &b, i64::wrapping_add)
}

/// `31 * a + b`, modulo 2⁶⁴.
#[scalar]
pub fn mix(a: i64, b: i64) -> i64 {
    a.wrapping_mul(31).wrapping_add(b)
}

/// `x * y - x`.
#[scalar]
pub fn spread(x: f64, y: f64) -> f64 {
    x * y - x
}

/// The square root; an error of negative numbers.
#[scalar]
pub fn root(x: f64) -> Result<f64, String> {
    if x < 0.0 { Err("it is negative".to_owned()) } else { Ok(x.sqrt()) }
}

/// Length of a text in characters.
#[scalar]
pub fn len(text: &str) -> i32 {
    text.chars().count() as i32
}

/// The characters of a text, the last one first.
#[scalar]
pub fn reverse(text: &str) -> String {
    text.chars().rev().collect()
}

/// SQL's AND.
#[scalar]
pub fn both(p: Option<bool>, q: Option<bool>) -> Option<bool> {
    match (p, q) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// The sum of two amounts of 38 digits.
#[scalar]
pub fn add_amounts(a: Decimal<38, 4>, b: Decimal<38, 4>) -> Result<Decimal<38, 4>, String> {
    a.checked_add(b).ok_or_else(|| "it is too large".to_owned())
}

/// So many milliseconds later.
#[scalar]
pub fn later(at: Timestamp<3>, millis: i64) -> Timestamp<3> {
    Timestamp(at.0 + millis)
}

/// The items of an array, the last one first.
#[scalar]
pub fn backwards(items: Vec<Option<i64>>) -> Vec<Option<i64>> {
    items.into_iter().rev().collect()
}

/// A place on a line, with a name.
#[derive(Row)]
pub struct Place {
    pub x: f64,
    pub name: Option<String>,
}

/// The place on the other side.
#[scalar]
pub fn mirrored(place: Place) -> Place {
    Place { x: -place.x, name: place.name }
}

/// What a web server answers to a request of a method with a key in its header and a body: status, type and body.
#[scalar(nondeterministic)]
pub fn ask(method: &str, url: &str, key: &str, body: &str) -> Result<String, String> {
    let request = Request::new(method, url).header("X-Key", key).body(body).timeout(Duration::from_secs(1));
    let response = request.send()?;
    let kind = response.header("Content-Type").unwrap_or("?");
    Ok(format!("{} {kind} {}", response.status, response.text()?))
}

/// The words of a text, which spaces divide, and where each stands.
#[table(columns(word, place))]
pub fn split(line: &str) -> impl Iterator<Item = (&str, i32)> {
    line.split(' ').filter(|word| !word.is_empty()).zip(1..)
}

/// A sum modulo 2⁶⁴, and of how many numbers it is one.
#[derive(Default, State)]
pub struct Total {
    sum: i64,
    count: i64,
}

/// The sum of numbers, modulo 2⁶⁴; NULL of none.
#[aggregate]
impl Total {
    pub fn accumulate(&mut self, x: i64) {
        self.sum = self.sum.wrapping_add(x);
        self.count += 1;
    }

    pub fn retract(&mut self, x: i64) {
        self.sum = self.sum.wrapping_sub(x);
        self.count -= 1;
    }

    pub fn merge(&mut self, other: Self) {
        self.sum = self.sum.wrapping_add(other.sum);
        self.count += other.count;
    }

    pub fn evaluate(&self) -> Option<i64> {
        (self.count != 0).then_some(self.sum)
    }
}
