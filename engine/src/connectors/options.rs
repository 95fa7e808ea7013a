//! Reading the options of WITH: each error names the option, its value and what would do.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use crate::config::{duration, memory_size};
use crate::error::{Error, Result};
use crate::suggest;

/// The options of one table, read by name.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a>(&'a BTreeMap<String, String>);

impl<'a> Options<'a> {
    pub fn new(options: &'a BTreeMap<String, String>) -> Self {
        Options(options)
    }

    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(String::as_str)
    }

    /// # Errors
    /// A user error where the option is missing.
    pub fn required(&self, name: &str) -> Result<&'a str> {
        self.get(name).ok_or_else(|| {
            Error::user(format!("option '{name}' is missing")).hint(format!("add '{name}' = '…' to WITH"))
        })
    }

    /// `true` or `false`, any case.
    pub fn boolean(&self, name: &str, default: bool) -> Result<bool> {
        match self.get(name) {
            None => Ok(default),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some(value) => Err(invalid(name, value, "`true` or `false`")),
        }
    }

    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        self.get(name).map(|value| value.trim().parse().map_err(|_| invalid(name, value, "a number"))).transpose()
    }

    /// A whole number of at least 1.
    pub fn positive(&self, name: &str) -> Result<Option<usize>> {
        match self.number(name)? {
            Some(0) => Err(invalid(name, "0", "a number above 0")),
            other => Ok(other),
        }
    }

    /// As Flink writes durations: `10 s`, `500ms`, `1 min`; a number alone is milliseconds.
    pub fn duration(&self, name: &str) -> Result<Option<Duration>> {
        self.get(name)
            .map(|value| {
                duration(value).map_err(|_| invalid(name, value, "a duration like `10 s`, `500 ms` or `1 min`"))
            })
            .transpose()
    }

    /// As Flink writes sizes: `128 mb`, `64kb`; a number alone is bytes.
    pub fn bytes(&self, name: &str) -> Result<Option<u64>> {
        self.get(name)
            .map(|value| memory_size(value).map_err(|_| invalid(name, value, "a size like `128 mb` or `64 kb`")))
            .transpose()
    }

    /// One of a list, any case; gives its index.
    pub fn choice(&self, name: &str, choices: &[&str], default: usize) -> Result<usize> {
        match self.get(name) {
            None => Ok(default),
            Some(value) => choices
                .iter()
                .position(|choice| choice.eq_ignore_ascii_case(value))
                .ok_or_else(|| invalid(name, value, &format!("one of {}", suggest::list(choices)))),
        }
    }

    /// Exactly one character, or one as Java escapes it: `\t`, `\u0001`.
    pub fn character(&self, name: &str) -> Result<Option<char>> {
        self.get(name)
            .map(|value| {
                let mut characters = value.chars();
                let escaped = match (characters.next(), characters.next()) {
                    (Some(one), None) => return Ok(one),
                    (Some('\\'), Some(escaped)) => escaped,
                    _ => return Err(invalid(name, value, "one character")),
                };
                let rest = characters.as_str();
                let code = || if rest.len() == 4 { u32::from_str_radix(rest, 16).ok() } else { None };
                match escaped {
                    't' if rest.is_empty() => Some('\t'),
                    '\\' | '\'' | '"' if rest.is_empty() => Some(escaped),
                    'u' => code().and_then(char::from_u32),
                    _ => None,
                }
                .ok_or_else(|| invalid(name, value, "one character"))
            })
            .transpose()
    }
}

/// The error of an option whose value does not fit.
pub fn invalid(name: &str, value: &str, wanted: &str) -> Error {
    Error::user(format!("option '{name}' = '{value}' must be {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_values_as_flink_writes_them() {
        let map: BTreeMap<String, String> = [("a", "10 s"), ("b", "64kb"), ("c", "TRUE"), ("d", "x"), ("e", "0")]
            .map(|(k, v)| (k.into(), v.into()))
            .into();
        let options = Options::new(&map);
        assert_eq!(options.duration("a").unwrap(), Some(Duration::from_secs(10)));
        assert_eq!(options.bytes("b").unwrap(), Some(65536));
        assert!(options.boolean("c", false).unwrap());
        assert_eq!(options.boolean("d", false).unwrap_err().to_string(), "option 'd' = 'x' must be `true` or `false`");
        assert!(options.positive("e").is_err());
        assert!(options.required("f").is_err());
        let map: BTreeMap<String, String> =
            [("a", r"\t"), ("b", r"\u0001"), ("c", "|"), ("d", r"\u1"), ("e", "ab"), ("f", r"\")]
                .map(|(k, v)| (k.into(), v.into()))
                .into();
        let options = Options::new(&map);
        let found = ["a", "b", "c", "d", "e", "f"].map(|name| options.character(name).ok().flatten());
        assert_eq!(found, [Some('\t'), Some('\u{1}'), Some('|'), None, None, Some('\\')]);
    }
}
