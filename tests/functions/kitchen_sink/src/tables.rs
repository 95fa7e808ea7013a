//! Table functions.

use anabranch_udf::prelude::*;

use crate::identity::Place;

/// The words of a text.
#[table(columns(word))]
pub fn split(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

/// A text so many times, each with its number; an error of the row where the number is negative.
#[table(columns(text, number))]
pub fn repeat(text: &str, times: i64) -> Result<impl Iterator<Item = (&str, i64)>, String> {
    if times < 0 {
        return Err(format!("{times} times is less than none"));
    }
    Ok((0..times).map(move |number| (text, number)))
}

/// The numbers below one, however many; none where it is NULL.
#[table(name = "range")]
pub fn range(end: Option<i64>) -> Option<std::ops::Range<i64>> {
    end.map(|end| 0..end)
}

/// A point and its mirror image.
#[table]
pub fn points(x: f64, y: Option<f64>) -> [Place; 2] {
    let place = |x, name: &str| Place { x, y, name: Some(name.to_owned()) };
    [place(x, "point"), place(-x, "image")]
}
