//! Regular expressions. Patterns are of the crate `regex`: as Java's, without look-around and back references.

use std::cell::RefCell;
use std::sync::Arc;

use datafusion::arrow::array::types::Int32Type;
use datafusion::arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use regex::Regex;

use super::function::{Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use super::text::{LONGEST, append, too_long};
use crate::error::{Error, Result};
use crate::types::list_of;

const TEXT: Family = Family::Text;

/// The last pattern, compiled: patterns are mostly constants.
#[derive(Default)]
pub(super) struct Patterns(RefCell<Option<(String, Regex)>>);

impl Patterns {
    pub(super) fn with<R>(&self, pattern: &str, run: impl FnOnce(&Regex) -> R) -> Result<R> {
        let mut last = self.0.borrow_mut();
        if let Some((known, regex)) = &*last
            && known == pattern
        {
            return Ok(run(regex));
        }
        let regex = Regex::new(pattern).map_err(|error| {
            // The library's message draws a picture; its last line says what is wrong.
            let message = error.to_string();
            let reason = message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Error::user(format!("'{pattern}' is not a regular expression that is understood: {reason}"))
        })?;
        let result = run(&regex);
        *last = Some((pattern.to_owned(), regex));
        Ok(result)
    }
}

const REGEXP: Definition = Definition::new(
    TEXT,
    "REGEXP",
    "REGEXP(text, pattern)",
    "Whether any part of the text matches a regular expression.",
    ("REGEXP('hello', 'l+')", "TRUE"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Boolean),
    |call| {
        let (texts, patterns) = (call.text(0)?, call.text(1)?);
        let compiled = Patterns::default();
        let mut values = Vec::with_capacity(call.rows);
        for row in 0..call.rows {
            values.push(match (texts.get(row), patterns.get(row)) {
                (Some(text), Some(pattern)) => Some(compiled.with(pattern, |regex| regex.is_match(text))?),
                _ => None,
            });
        }
        call.booleans(|row| values[row])
    },
)
.aliases(&["REGEXP_LIKE"]);

/// Java's `$1` and `\$` as the crate writes them: `${1}` and `$$`.
fn replacement(java: &str) -> String {
    let mut text = String::with_capacity(java.len() + 4);
    let mut letters = java.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('$') => text.push_str("$$"),
                Some(other) => text.push(other),
                None => {}
            },
            '$' if letters.peek().is_some_and(char::is_ascii_digit) => {
                text.push_str("${");
                while let Some(digit) = letters.next_if(char::is_ascii_digit) {
                    text.push(digit);
                }
                text.push('}');
            }
            other => text.push(other),
        }
    }
    text
}

/// The crate's replacement in pieces that are expanded one by one, each with one group at most: `a`, `${1}`, `$$`, `b`.
fn pieces(replacement: &str) -> impl Iterator<Item = &str> {
    let mut rest = replacement;
    std::iter::from_fn(move || {
        let length = match rest.strip_prefix('$') {
            None => rest.find('$').unwrap_or(rest.len()),
            Some(after) if after.starts_with('$') => 2,
            // All up to the brace is a name, another `$` too; without the brace it is no group.
            Some(after) if after.starts_with('{') => after.find('}').map_or(1, |end| end + 2),
            Some(after) => {
                let is_other = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
                1 + after.find(is_other).unwrap_or(after.len())
            }
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Appends the text with its matches replaced. The crate's `replace_all` knows no end of what a text grows to.
fn replace_all(regex: &Regex, text: &str, replacement: &str, out: &mut String) -> Result<()> {
    let mut last = 0;
    if replacement.contains('$') {
        for groups in regex.captures_iter(text) {
            // The group 0 is the match.
            let Some(found) = groups.get(0) else { continue };
            append(&text[last..found.start()], out)?;
            for piece in pieces(replacement) {
                // Adds no more than is in memory already, the piece or a part of the text.
                groups.expand(piece, out);
                if out.len() > LONGEST {
                    return Err(too_long());
                }
            }
            last = found.end();
        }
    } else {
        // To find no groups is quicker.
        for found in regex.find_iter(text) {
            append(&text[last..found.start()], out)?;
            append(replacement, out)?;
            last = found.end();
        }
    }
    append(&text[last..], out)
}

const REGEXP_REPLACE: Definition = Definition::new(
    TEXT,
    "REGEXP_REPLACE",
    "REGEXP_REPLACE(text, pattern, replacement)",
    "The text with all matches of a regular expression replaced; `$1` stands for the first group.",
    ("REGEXP_REPLACE('foobar', 'oo|ar', 'x')", "fxbx"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 3),
    returns!(DataType::Utf8),
    |call| {
        let (texts, patterns, replacements) = (call.text(0)?, call.text(1)?, call.text(2)?);
        let compiled = Patterns::default();
        call.try_texts(|row, out| {
            let (Some(text), Some(pattern), Some(with)) = (texts.get(row), patterns.get(row), replacements.get(row))
            else {
                return Ok(None);
            };
            compiled.with(pattern, |regex| replace_all(regex, text, &replacement(with), out))??;
            Ok(Some(()))
        })
    },
);

const REGEXP_EXTRACT: Definition = Definition::new(
    TEXT,
    "REGEXP_EXTRACT",
    "REGEXP_EXTRACT(text, pattern [, group])",
    "A group, or all (0, the default), of the first match of a regular expression; NULL where nothing matches.",
    ("REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)", "bar"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Int], 2),
    returns!(DataType::Utf8),
    |call| {
        let (texts, patterns) = (call.text(0)?, call.text(1)?);
        let groups = if call.len() > 2 { Some(call.int(2)?) } else { None };
        let compiled = Patterns::default();
        call.try_texts(|row, out| {
            let group = groups.as_ref().map_or(Some(0), |groups| groups.get(row));
            let (Some(text), Some(pattern), Some(group)) = (texts.get(row), patterns.get(row), group) else {
                return Ok(None);
            };
            let Ok(group) = usize::try_from(group) else { return Ok(None) };
            compiled.with(pattern, |regex| {
                let found = if group == 0 { regex.find(text) } else { regex.captures(text)?.get(group) };
                out.push_str(found?.as_str());
                Some(())
            })
        })
    },
);

const REGEXP_COUNT: Definition = Definition::new(
    TEXT,
    "REGEXP_COUNT",
    "REGEXP_COUNT(text, pattern)",
    "The number of matches of a regular expression.",
    ("REGEXP_COUNT('banana', 'an')", "2"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Int32),
    |call| {
        let (texts, patterns) = (call.text(0)?, call.text(1)?);
        let compiled = Patterns::default();
        let mut counts = Vec::with_capacity(call.rows);
        for row in 0..call.rows {
            counts.push(match (texts.get(row), patterns.get(row)) {
                (Some(text), Some(pattern)) => {
                    Some(compiled.with(pattern, |regex| regex.find_iter(text).count() as i32)?)
                }
                _ => None,
            });
        }
        call.primitives::<Int32Type>(|row| counts[row])
    },
);

const REGEXP_EXTRACT_ALL: Definition = Definition::new(
    TEXT,
    "REGEXP_EXTRACT_ALL",
    "REGEXP_EXTRACT_ALL(text, pattern [, group])",
    "A group (1, the default, is the first; 0 is all) of every match of a regular expression. NULL where there is no such \
     group, or the expression is not understood.",
    ("CAST(REGEXP_EXTRACT_ALL('100-200, 300-400', '(\\d+)-(\\d+)', 2) AS STRING)", "[200, 400]"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Int], 2),
    returns!(list_of(DataType::Utf8, true)),
    |call| {
        let (texts, patterns) = (call.text(0)?, call.text(1)?);
        let groups = if call.len() > 2 { Some(call.int(2)?) } else { None };
        let compiled = Patterns::default();
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in 0..call.rows {
            let group = groups.as_ref().map_or(Some(1), |groups| groups.get(row));
            let group = group.and_then(|group| usize::try_from(group).ok());
            let found = match (texts.get(row), patterns.get(row), group) {
                (Some(text), Some(pattern), Some(group)) => compiled.with(pattern, |regex| {
                    (group < regex.captures_len()).then(|| {
                        regex
                            .captures_iter(text)
                            .map(|found| found.get(group).map(|it| it.as_str()))
                            .collect::<Vec<_>>()
                    })
                }),
                _ => Ok(None),
            };
            let found = found.ok().flatten();
            found.iter().flatten().for_each(|text| lists.values().append_option(*text));
            lists.append(found.is_some());
        }
        Ok(cast(&(Arc::new(lists.finish()) as ArrayRef), call.result)?)
    },
);

const REGEXP_INSTR: Definition = Definition::new(
    TEXT,
    "REGEXP_INSTR",
    "REGEXP_INSTR(text, pattern)",
    "The position, from 1, of the first match of a regular expression; 0 where nothing matches, NULL where the expression \
     is not understood.",
    ("REGEXP_INSTR('hello', 'l+')", "3"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Int32),
    |call| {
        let (texts, patterns) = (call.text(0)?, call.text(1)?);
        let compiled = Patterns::default();
        call.primitives::<Int32Type>(|row| {
            let (text, pattern) = (texts.get(row)?, patterns.get(row)?);
            let found = compiled.with(pattern, |regex| regex.find(text).map(|found| found.start())).ok()?;
            Some(found.map_or(0, |start| text[..start].chars().count() as i32 + 1))
        })
    },
);

const REGEXP_SUBSTR: Definition = Definition::new(
    TEXT,
    "REGEXP_SUBSTR",
    "REGEXP_SUBSTR(text, pattern)",
    "The first match of a regular expression; NULL where nothing matches, or the expression is not understood.",
    ("REGEXP_SUBSTR('hello', 'l+')", "ll"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Utf8),
    |call| {
        let (texts, patterns) = (call.text(0)?, call.text(1)?);
        let compiled = Patterns::default();
        call.texts(|row, out| {
            let (text, pattern) = (texts.get(row)?, patterns.get(row)?);
            out.push_str(compiled.with(pattern, |regex| regex.find(text).map(|found| found.as_str())).ok()??);
            Some(())
        })
    },
);

pub const DEFINITIONS: &[&Definition] =
    &[&REGEXP, &REGEXP_REPLACE, &REGEXP_EXTRACT, &REGEXP_EXTRACT_ALL, &REGEXP_COUNT, &REGEXP_INSTR, &REGEXP_SUBSTR];
