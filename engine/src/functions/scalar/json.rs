//! Values out of JSON texts, by paths `$.a.b[0]`, `$['a']`.

use datafusion::arrow::datatypes::DataType;
use serde_json::Value;

use super::function::{Definition, Family};
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

fn find<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get(name),
        Step::Item(index) => value.get(index),
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
            let Ok(json) = serde_json::from_str::<Value>(text) else { return Ok(None) };
            Ok(match find(&json, path) {
                Some(Value::String(text)) => {
                    let _: () = out.push_str(text);
                    Some(())
                }
                Some(Value::Bool(value)) => {
                    let _: () = out.push_str(if *value { "true" } else { "false" });
                    Some(())
                }
                Some(Value::Number(number)) => {
                    let _: () = out.push_str(&number.to_string());
                    Some(())
                }
                _ => None,
            })
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
            let Ok(json) = serde_json::from_str::<Value>(text) else { return Ok(None) };
            Ok(match find(&json, path) {
                Some(value @ (Value::Object(_) | Value::Array(_))) => {
                    let _: () = out.push_str(&value.to_string());
                    Some(())
                }
                _ => None,
            })
        })
    },
);

const JSON_EXISTS: Definition = Definition::new(
    Family::Json,
    "JSON_EXISTS",
    "JSON_EXISTS(json, path)",
    "Whether there is anything at a path.",
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
                    Some(serde_json::from_str::<Value>(text).is_ok_and(|json| find(&json, path).is_some()))
                }
                _ => None,
            });
        }
        call.booleans(|row| found[row])
    },
);

pub const DEFINITIONS: &[&Definition] = &[&JSON_VALUE, &JSON_QUERY, &JSON_EXISTS];
