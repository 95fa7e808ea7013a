//! What is told on standard error: progress, logs, errors.

use std::fmt::Arguments;
use std::io::Write;

/// Prints a line on standard error, as `eprintln!` does, which panics where nobody reads it any more.
macro_rules! tell {
    ($($line:tt)*) => {
        $crate::tell::line(format_args!($($line)*))
    };
}

pub(crate) use tell;

/// Prints a line on standard error. One that cannot be written is left out: what is done matters more than what is told
/// of it.
pub fn line(line: Arguments) {
    // At once, so that lines of several threads stay whole.
    let line = format!("{line}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}
