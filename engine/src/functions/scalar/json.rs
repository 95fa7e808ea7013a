//! Values out of JSON texts, by paths `$.a.b[0]`, `$['a']`. As in Flink, what follows the first value is ignored.

use datafusion::arrow::datatypes::DataType;

use super::function::{Definition, Family};
use super::json_text::Json;
use super::parameters::{Kind, Parameters};
use super::returns;
use crate::error::{Error, Result};

const TWO: Parameters = Parameters::Of(&[Kind::Text, Kind::Text], 2);

enum Step {
    Member(String),
    Item(usize),
}

/// A path without wildcards; `strict` or `lax` may stand before it, and means nothing here.
fn parse_path(path: &str) -> Result<Vec<Step>> {
    let wrong = || Error::user(format!("'{path}' is not a JSON path that is supported")).hint("write `$.member[0]`");
    let bare = path.trim().trim_start_matches("lax ").trim_start_matches("strict ").trim_start();
    let mut rest = bare.strip_prefix('$').ok_or_else(wrong)?;
    let mut steps = vec![];
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = &after[..end];
            if name.is_empty() || name == "*" {
                return Err(wrong());
            }
            steps.push(Step::Member(name.to_owned()));
            rest = &after[end..];
        } else if let Some(after) = rest.strip_prefix('[') {
            let (inside, after) = after.split_once(']').ok_or_else(wrong)?;
            let quoted = inside.trim().strip_prefix(['\'', '"']).and_then(|name| name.strip_suffix(['\'', '"']));
            steps.push(match quoted {
                Some(name) => Step::Member(name.to_owned()),
                None => Step::Item(inside.trim().parse().map_err(|_| wrong())?),
            });
            rest = after;
        } else {
            return Err(wrong());
        }
    }
    Ok(steps)
}

fn find<'a>(json: Json<'a>, path: &[Step]) -> Option<Json<'a>> {
    path.iter().try_fold(json, |json, step| match step {
        Step::Member(name) => json.member(name),
        Step::Item(index) => json.item(*index),
    })
}

/// Runs over rows, with the last path parsed.
#[derive(Default)]
struct Paths(Option<(String, Vec<Step>)>);

impl Paths {
    fn get(&mut self, path: &str) -> Result<&[Step]> {
        if self.0.as_ref().is_none_or(|(known, _)| known != path) {
            self.0 = Some((path.to_owned(), parse_path(path)?));
        }
        Ok(self.0.as_ref().map_or(&[], |(_, steps)| steps))
    }
}

const JSON_VALUE: Definition = Definition::new(
    Family::Json,
    "JSON_VALUE",
    "JSON_VALUE(json, path)",
    "The scalar at a path, as a text; NULL where there is none, or an object or array.",
    ("JSON_VALUE('{\"a\": {\"b\": 1}}', '$.a.b')", "1"),
    TWO,
    returns!(DataType::Utf8),
    |call| {
        let (texts, paths) = (call.text(0)?, call.text(1)?);
        let mut parsed = Paths::default();
        call.try_texts(|row, out| {
            let (Some(text), Some(path)) = (texts.get(row), paths.get(row)) else { return Ok(None) };
            let path = parsed.get(path)?;
            Ok(Json::parse(text).and_then(|json| find(json, path)?.scalar(out)))
        })
    },
);

const JSON_QUERY: Definition = Definition::new(
    Family::Json,
    "JSON_QUERY",
    "JSON_QUERY(json, path)",
    "The object or array at a path, as a JSON text; NULL where there is none.",
    ("JSON_QUERY('{\"a\": {\"b\": 1}}', '$.a')", "{\"b\":1}"),
    TWO,
    returns!(DataType::Utf8),
    |call| {
        let (texts, paths) = (call.text(0)?, call.text(1)?);
        let mut parsed = Paths::default();
        call.try_texts(|row, out| {
            let (Some(text), Some(path)) = (texts.get(row), paths.get(row)) else { return Ok(None) };
            let path = parsed.get(path)?;
            Ok(Json::parse(text).and_then(|json| find(json, path)?.structure(out)))
        })
    },
);

const JSON_EXISTS: Definition = Definition::new(
    Family::Json,
    "JSON_EXISTS",
    "JSON_EXISTS(json, path)",
    "Whether there is anything at a path, other than `null`.",
    ("JSON_EXISTS('{\"a\": true}', '$.a')", "TRUE"),
    TWO,
    returns!(DataType::Boolean),
    |call| {
        let (texts, paths) = (call.text(0)?, call.text(1)?);
        let mut parsed = Paths::default();
        let mut found = Vec::with_capacity(call.rows);
        for row in 0..call.rows {
            found.push(match (texts.get(row), paths.get(row)) {
                (Some(text), Some(path)) => {
                    let path = parsed.get(path)?;
                    Some(Json::parse(text).and_then(|json| find(json, path)).is_some_and(|found| !found.is_null()))
                }
                _ => None,
            });
        }
        call.booleans(|row| found[row])
    },
);

pub const DEFINITIONS: &[&Definition] = &[&JSON_VALUE, &JSON_QUERY, &JSON_EXISTS];
