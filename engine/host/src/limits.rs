//! What a function may use.

use std::time::Duration;

use crate::budget::MemoryBudget;
use crate::error::{Error, Result};

/// Limits of a function; each has a default and an option name for DDL (see [`LIMIT_OPTIONS`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Linear memory of one instance, all its memories together, in bytes.
    pub memory: usize,
    /// Memory past which an instance is replaced by a fresh one between calls, in bytes. Guests leak, and linear
    /// memory never shrinks.
    pub recycle_memory: usize,
    /// Calls after which an instance is replaced by a fresh one. `None`: never.
    pub recycle_calls: Option<usize>,
    /// Age at which an instance is replaced by a fresh one, at the end of a call. `None`: never.
    pub recycle_age: Option<Duration>,
    /// Time of one call into the guest.
    pub timeout: Duration,
    /// Bytes that one call may return.
    pub max_output_bytes: usize,
    /// Rows that a table function may give for one input row.
    pub max_output_rows: usize,
    /// Bytes of the body of one HTTP request or response, of functions that are granted some.
    pub max_http_body: usize,
    /// Size of a component's file, in bytes.
    pub max_module_size: u64,
    /// Elements of all tables of one instance together.
    pub tables: usize,
    /// Core instances, memories and tables (each) in one instance of a component.
    pub instances: usize,
    /// Lines of log, standard output and standard error that are kept of one call; the rest is counted.
    pub log_lines: usize,
    /// Memory that the instance shares with others: the job's. `None`: its own limit is the only one.
    pub budget: Option<MemoryBudget>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: 256 << 20,
            recycle_memory: 128 << 20,
            recycle_calls: None,
            recycle_age: None,
            timeout: Duration::from_secs(10),
            max_output_bytes: 128 << 20,
            max_output_rows: 1_000_000,
            max_http_body: 16 << 20,
            max_module_size: 64 << 20,
            tables: 100_000,
            instances: 64,
            log_lines: 100,
            budget: None,
        }
    }
}

/// What the limit `tables` can be at most.
pub(crate) const MAX_TABLE_ELEMENTS: usize = 1_000_000;

/// The options that set limits: name, meaning. For documentation, and for "did you mean".
pub const LIMIT_OPTIONS: &[(&str, &str)] = &[
    ("memory", "Memory of one instance, such as '64 mb'. Default 256 mb."),
    ("recycle-memory", "Memory past which an instance is replaced by a fresh one between calls. Default 128 mb."),
    ("recycle-calls", "Calls after which an instance is replaced by a fresh one. Default: never."),
    ("recycle-age", "Age at which an instance is replaced by a fresh one, such as '1 h'. Default: never."),
    ("timeout", "Time of one call, such as '500 ms'. Default 10 s."),
    ("max-output-bytes", "Bytes that one call may return. Default 128 mb."),
    ("max-output-rows", "Rows that a table function may give for one input row. Default 1000000."),
    ("max-http-body", "Bytes of the body of one HTTP request or response ('grant.http'). Default 16 mb."),
    ("max-module-size", "Size of the component's file. Default 64 mb."),
    ("tables", "Elements of all WebAssembly tables of an instance, at most 1000000. Default 100000."),
    ("instances", "Core instances, memories and tables (each) within a component. Default 64."),
    ("log-lines", "Lines of log and output that are kept of one call, and of one second. Default 100."),
];

impl Limits {
    /// Sets a limit from an option of a function's DDL. Gives `false` where no limit has that name, so that the caller
    /// can try what else it knows.
    ///
    /// Sizes are numbers of bytes with an optional unit (`b`, `kb`, `mb`, `gb`, of 1,024), times are numbers of
    /// milliseconds or have a unit (`ms`, `s`, `min`, `h`), as in Flink's configuration.
    pub fn set(&mut self, name: &str, value: &str) -> Result<bool> {
        let size = || parse_size(name, value);
        match name {
            "memory" => self.memory = size()?,
            "recycle-memory" => self.recycle_memory = size()?,
            "recycle-calls" => self.recycle_calls = Some(parse_count(name, value)?),
            "recycle-age" => self.recycle_age = Some(parse_duration(name, value)?),
            "timeout" => self.timeout = parse_duration(name, value)?,
            "max-output-bytes" => self.max_output_bytes = size()?,
            "max-output-rows" => self.max_output_rows = parse_count(name, value)?,
            "max-http-body" => self.max_http_body = size()?,
            "max-module-size" => self.max_module_size = size()? as u64,
            "tables" => {
                self.tables = match parse_count(name, value)? {
                    elements if elements <= MAX_TABLE_ELEMENTS => elements,
                    _ => return Err(Error::Option(format!("option 'tables' is at most {MAX_TABLE_ELEMENTS}"))),
                }
            }
            "instances" => self.instances = parse_count(name, value)?,
            "log-lines" => self.log_lines = parse_count(name, value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn split_unit(value: &str) -> (&str, String) {
    let value = value.trim();
    let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    (number, unit.trim().to_ascii_lowercase())
}

fn parse_size(name: &str, value: &str) -> Result<usize> {
    let wrong =
        || Error::Option(format!("option '{name}' is a size such as '64 mb' (units b, kb, mb, gb), not '{value}'"));
    let (number, unit) = split_unit(value);
    let factor: usize = match unit.as_str() {
        "" | "b" | "bytes" => 1,
        "k" | "kb" | "kibibytes" => 1 << 10,
        "m" | "mb" | "mebibytes" => 1 << 20,
        "g" | "gb" | "gibibytes" => 1 << 30,
        _ => return Err(wrong()),
    };
    let number: usize = number.parse().map_err(|_| wrong())?;
    positive(name, number.checked_mul(factor).ok_or_else(wrong)?)
}

fn parse_duration(name: &str, value: &str) -> Result<Duration> {
    let wrong =
        || Error::Option(format!("option '{name}' is a time such as '500 ms' (units ms, s, min, h, d), not '{value}'"));
    let (number, unit) = split_unit(value);
    let factor: u64 = match unit.as_str() {
        "" | "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => 1,
        "s" | "sec" | "second" | "seconds" => 1_000,
        "min" | "m" | "minute" | "minutes" => 60_000,
        "h" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => 86_400_000,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let milliseconds = number.checked_mul(factor).ok_or_else(wrong)?;
    if milliseconds == 0 {
        return Err(Error::Option(format!("option '{name}' must be more than 0")));
    }
    Ok(Duration::from_millis(milliseconds))
}

fn parse_count(name: &str, value: &str) -> Result<usize> {
    let number =
        value.trim().parse().map_err(|_| Error::Option(format!("option '{name}' is a whole number, not '{value}'")))?;
    positive(name, number)
}

fn positive(name: &str, number: usize) -> Result<usize> {
    if number == 0 {
        return Err(Error::Option(format!("option '{name}' must be more than 0")));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn options_are_parsed_with_units() {
        let mut limits = Limits::default();
        for (name, value) in [
            ("memory", "64 mb"),
            ("recycle-memory", "1048576"),
            ("recycle-calls", "3"),
            ("recycle-age", "2 h"),
            ("timeout", "500 ms"),
            ("max-output-bytes", "2KB"),
            ("max-output-rows", "10"),
            ("max-module-size", "1 gb"),
            ("tables", "5"),
            ("instances", "6"),
            ("log-lines", "7"),
        ] {
            assert!(limits.set(name, value).unwrap(), "{name}");
        }
        expect![[r#"
            Limits {
                memory: 67108864,
                recycle_memory: 1048576,
                recycle_calls: Some(
                    3,
                ),
                recycle_age: Some(
                    7200s,
                ),
                timeout: 500ms,
                max_output_bytes: 2048,
                max_output_rows: 10,
                max_http_body: 16777216,
                max_module_size: 1073741824,
                tables: 5,
                instances: 6,
                log_lines: 7,
                budget: None,
            }
        "#]]
        .assert_debug_eq(&limits);
        assert!(!limits.set("colour", "red").unwrap());
    }

    #[test]
    fn every_listed_option_is_known() {
        for (name, _) in LIMIT_OPTIONS {
            assert!(Limits::default().set(name, "1").unwrap(), "{name}");
        }
    }

    #[test]
    fn bad_values_say_what_is_expected() {
        let mut said = String::new();
        for (name, value) in [
            ("memory", "lots"),
            ("memory", "0"),
            ("memory", "99999999999 gb"),
            ("timeout", "1 fortnight"),
            ("tables", "-1"),
            ("tables", "1000001"),
        ] {
            let error = Limits::default().set(name, value).unwrap_err();
            said.push_str(&format!("{error}\n"));
        }
        expect![[r#"
            option 'memory' is a size such as '64 mb' (units b, kb, mb, gb), not 'lots'
            option 'memory' must be more than 0
            option 'memory' is a size such as '64 mb' (units b, kb, mb, gb), not '99999999999 gb'
            option 'timeout' is a time such as '500 ms' (units ms, s, min, h, d), not '1 fortnight'
            option 'tables' is a whole number, not '-1'
            option 'tables' is at most 1000000
        "#]]
        .assert_eq(&said);
    }
}
