//! Functions of regular expressions, which are Java's. Where Java refuses one, Flink gives NULL.

use std::sync::Arc;

use datafusion::arrow::array::types::Int32Type;
use datafusion::arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;

use super::function::{Call, Definition, Family};
use super::matcher::{Matcher, Patterns};
use super::parameters::{Kind, Parameters};
use super::returns;
use super::text::append;
use crate::error::Result;
use crate::types::list_of;

const TEXT: Family = Family::Text;

/// For each row what `run` gives for its text and pattern; NULL where one of them is, or Java refuses the pattern.
fn each<T>(call: &Call, mut run: impl FnMut(&str, &Matcher) -> Result<T>) -> Result<Vec<Option<T>>> {
    let (texts, patterns) = (call.text(0)?, call.text(1)?);
    let mut compiled = Patterns::default();
    let value = |row: usize| match (texts.get(row), patterns.get(row)) {
        (Some(text), Some(pattern)) => compiled.get(pattern)?.map(|matcher| run(text, matcher)).transpose(),
        _ => Ok(None),
    };
    (0..call.rows).map(value).collect()
}

const REGEXP: Definition = Definition::new(
    TEXT,
    "REGEXP",
    "REGEXP(text, pattern)",
    "Whether any part of the text matches a regular expression of Java; FALSE for one that is empty or not understood.",
    ("REGEXP('hello', 'l+')", "TRUE"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Boolean),
    |call| {
        let (texts, patterns) = (call.text(0)?, call.text(1)?);
        let mut compiled = Patterns::default();
        let mut values = Vec::with_capacity(call.rows);
        for row in 0..call.rows {
            values.push(match (texts.get(row), patterns.get(row)) {
                (Some(_), Some("")) => Some(false),
                (Some(text), Some(pattern)) => match compiled.get(pattern)? {
                    Some(matcher) => Some(matcher.is_match(text)?),
                    None => Some(false),
                },
                _ => None,
            });
        }
        call.booleans(|row| values[row])
    },
)
.aliases(&["REGEXP_LIKE"]);

const REGEXP_REPLACE: Definition = Definition::new(
    TEXT,
    "REGEXP_REPLACE",
    "REGEXP_REPLACE(text, pattern, replacement)",
    "The text with all matches of a regular expression replaced. The replacement stands as it is: `$1` is no group in it. \
     NULL where the expression is not understood.",
    ("REGEXP_REPLACE('foobar', 'oo|ar', 'x')", "fxbx"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 3),
    returns!(DataType::Utf8),
    |call| {
        let (texts, patterns, replacements) = (call.text(0)?, call.text(1)?, call.text(2)?);
        let mut compiled = Patterns::default();
        call.try_texts(|row, out| {
            let (Some(text), Some(pattern), Some(with)) = (texts.get(row), patterns.get(row), replacements.get(row))
            else {
                return Ok(None);
            };
            let Some(matcher) = compiled.get(pattern)? else { return Ok(None) };
            let mut last = 0;
            matcher.each(text, 0, |found, _| {
                append(&text[last..found.start], out)?;
                last = found.end;
                append(with, out)
            })?;
            append(&text[last..], out)?;
            Ok(Some(()))
        })
    },
);

const REGEXP_EXTRACT: Definition = Definition::new(
    TEXT,
    "REGEXP_EXTRACT",
    "REGEXP_EXTRACT(text, pattern [, group])",
    "A group, or all (0, the default), of the first match of a regular expression; NULL where nothing matches, there is no \
     such group, or the expression is not understood.",
    ("REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)", "bar"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Int], 2),
    returns!(DataType::Utf8),
    |call| {
        let (texts, patterns) = (call.text(0)?, call.text(1)?);
        let groups = if call.len() > 2 { Some(call.int(2)?) } else { None };
        let mut compiled = Patterns::default();
        call.try_texts(|row, out| {
            let group = groups.as_ref().map_or(Some(0), |groups| groups.get(row));
            let (Some(text), Some(pattern), Some(group)) = (texts.get(row), patterns.get(row), group) else {
                return Ok(None);
            };
            let (Some(matcher), Ok(group)) = (compiled.get(pattern)?, usize::try_from(group)) else { return Ok(None) };
            let found = matcher.find_group(text, group)?.and_then(|(_, found)| found);
            Ok(found.map(|found| out.push_str(&text[found])))
        })
    },
);

const REGEXP_COUNT: Definition = Definition::new(
    TEXT,
    "REGEXP_COUNT",
    "REGEXP_COUNT(text, pattern)",
    "The number of matches of a regular expression; NULL where it is not understood.",
    ("REGEXP_COUNT('banana', 'an')", "2"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(DataType::Int32),
    |call| {
        let counts = each(call, |text, matcher| {
            let mut count = 0;
            matcher.each(text, 0, |_, _| {
                count += 1;
                Ok(())
            })?;
            Ok(count)
        })?;
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
        let mut compiled = Patterns::default();
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in 0..call.rows {
            let group = groups.as_ref().map_or(Some(1), |groups| groups.get(row));
            let group = group.and_then(|group| usize::try_from(group).ok());
            let matcher = match (texts.get(row), patterns.get(row), group) {
                (Some(text), Some(pattern), Some(group)) => {
                    compiled.get(pattern)?.filter(|matcher| group <= matcher.groups()).map(|it| (it, text, group))
                }
                _ => None,
            };
            if let Some((matcher, text, group)) = matcher {
                matcher.each(text, group, |_, found| {
                    lists.values().append_option(found.map(|found| &text[found]));
                    Ok(())
                })?;
            }
            lists.append(matcher.is_some());
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
        let places = each(call, |text, matcher| {
            Ok(matcher.find(text)?.map_or(0, |found| text[..found.start].chars().count() as i32 + 1))
        })?;
        call.primitives::<Int32Type>(|row| places[row])
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
        let mut compiled = Patterns::default();
        call.try_texts(|row, out| {
            let (Some(text), Some(pattern)) = (texts.get(row), patterns.get(row)) else { return Ok(None) };
            let Some(matcher) = compiled.get(pattern)? else { return Ok(None) };
            Ok(matcher.find(text)?.map(|found| out.push_str(&text[found])))
        })
    },
);

pub const DEFINITIONS: &[&Definition] =
    &[&REGEXP, &REGEXP_REPLACE, &REGEXP_EXTRACT, &REGEXP_EXTRACT_ALL, &REGEXP_COUNT, &REGEXP_INSTR, &REGEXP_SUBSTR];
