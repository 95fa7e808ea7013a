//! What lies outside of a function, as the standard library has it.

use std::env;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use anabranch_udf::prelude::*;

anabranch_udf::package!(variable, first_line, seconds);

/// A variable of the environment.
#[scalar(nondeterministic)]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// The first line of a file.
#[scalar(nondeterministic)]
fn first_line(path: &str) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|_| "it cannot be read")?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Seconds since the beginning of 1970.
#[scalar(nondeterministic)]
fn seconds(of: &str) -> i64 {
    let _ = of;
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}
