//! Options of functions that wait: how many rows wait at a time, for how long, and what is tried again.

use std::time::Duration;

use crate::config::duration;
use crate::error::{Error, Result};
use crate::suggest::did_you_mean;

/// How a function is called that spends its time waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsyncOptions {
    /// Rows in flight per subtask, each on an instance of its own.
    pub capacity: usize,
    /// Time for a row with all that is tried again.
    pub timeout: Duration,
    pub output: AsyncOutput,
    /// How often the function is called for a row, at most.
    pub max_attempts: u32,
    /// Time between two attempts.
    pub retry_delay: Duration,
}

/// In which order results go out. Watermarks keep their places either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsyncOutput {
    /// As the rows came.
    Ordered,
    /// As they are ready.
    Unordered,
}

/// The options of asynchronous functions: name and meaning.
pub const ASYNC_OPTIONS: &[(&str, &str)] = &[
    (
        "async",
        "`true`: a scalar function that waits, for a service for example. Several rows are in flight at a time, each on \
         an instance of its own. Rows in flight are part of a snapshot, and are called again after a restore.",
    ),
    ("async.capacity", "Rows in flight per subtask. Default 10."),
    (
        "async.timeout",
        "Time for a row, with all attempts and the delays between them; then the row fails. One attempt is bounded by \
         `timeout` too. Default 3 min.",
    ),
    (
        "async.output-mode",
        "`ordered` (default): results go out in the order of the rows; `allow-unordered`: as they are ready, but not \
         past a watermark. Where the input has updates it must be `ordered`.",
    ),
    (
        "async.retry-strategy",
        "`fixed-delay` (default) or `no-retry`. An error that the function returns is tried again; a trap, a timeout, or \
         too much memory or output is not.",
    ),
    ("async.retry-delay", "Time between two attempts. Default 100 ms."),
    ("async.max-attempts", "Attempts for a row, the first included. Default 3."),
];

/// What the DDL has said so far.
#[derive(Debug, Default)]
pub struct AsyncParser {
    wanted: bool,
    options: AsyncOptions,
    never_again: bool,
    /// The first of the options that say how to try again.
    retries: Option<String>,
    /// The first of the options that need `async`.
    needs: Option<String>,
}

impl Default for AsyncOptions {
    fn default() -> Self {
        AsyncOptions {
            capacity: 10,
            timeout: Duration::from_secs(180),
            output: AsyncOutput::Ordered,
            max_attempts: 3,
            retry_delay: Duration::from_millis(100),
        }
    }
}

/// Threads that a subtask starts for one function, at most.
const MAX_CAPACITY: usize = 1_000;

impl AsyncParser {
    /// Takes an option; `false` where it is not one of these.
    ///
    /// # Errors
    /// User errors for values that do not fit, and for unknown names that begin with `async.`.
    pub fn set(&mut self, function: &str, name: &str, value: &str) -> Result<bool> {
        let wrong = |hint: &str| {
            Error::user(format!("option '{name}' of function '{function}' is '{value}'")).hint(hint.to_owned())
        };
        let word = value.trim().to_ascii_lowercase().replace('_', "-");
        if name == "async" {
            self.wanted = word.parse().map_err(|_| wrong("it is 'true' or 'false'"))?;
            return Ok(true);
        }
        if !name.starts_with("async.") {
            return Ok(false);
        }
        let options = &mut self.options;
        let number = |most: usize| -> Result<usize> {
            let number = word.parse().ok().filter(|number| (1..=most).contains(number));
            number.ok_or_else(|| wrong(&format!("it is a number from 1 to {most}")))
        };
        let time = || duration(value).map_err(|hint| wrong(&hint));
        match name {
            "async.capacity" => options.capacity = number(MAX_CAPACITY)?,
            "async.timeout" => {
                options.timeout = time()?;
                if options.timeout.is_zero() {
                    return Err(wrong("it is more than nothing"));
                }
            }
            "async.output-mode" => {
                options.output = match word.as_str() {
                    "ordered" => AsyncOutput::Ordered,
                    "allow-unordered" => AsyncOutput::Unordered,
                    _ => return Err(wrong("it is 'ordered' or 'allow-unordered'")),
                };
            }
            "async.retry-strategy" => {
                self.never_again = match word.as_str() {
                    "no-retry" => true,
                    "fixed-delay" => false,
                    _ => return Err(wrong("it is 'fixed-delay' or 'no-retry'")),
                };
            }
            "async.retry-delay" => options.retry_delay = time()?,
            "async.max-attempts" => options.max_attempts = number(1_000)? as u32,
            _ => {
                let hint = did_you_mean(name, ASYNC_OPTIONS.iter().map(|(name, _)| *name));
                return Err(Error::user(format!("unknown option '{name}' of function '{function}'")).hint(hint));
            }
        }
        if matches!(name, "async.retry-delay" | "async.max-attempts") {
            self.retries.get_or_insert_with(|| name.to_owned());
        }
        self.needs.get_or_insert_with(|| name.to_owned());
        Ok(true)
    }

    /// `None`: the function is called as others are.
    ///
    /// # Errors
    /// User errors where options stand without `async`, or say how to try again what is not to be tried again.
    pub fn finish(mut self, function: &str) -> Result<Option<AsyncOptions>> {
        if self.wanted {
            if self.never_again {
                // Else it would be ignored, and the function would not be called as often as somebody thinks.
                if let Some(name) = self.retries {
                    let message = format!("option '{name}' of function '{function}' means nothing with 'no-retry'");
                    return Err(Error::user(message).hint("remove it, or the option 'async.retry-strategy'"));
                }
                self.options.max_attempts = 1;
            }
            return Ok(Some(self.options));
        }
        match self.needs {
            None => Ok(None),
            Some(name) => {
                let message = format!("option '{name}' of function '{function}' is for asynchronous functions");
                Err(Error::user(message).hint("say 'async' = 'true'"))
            }
        }
    }
}
