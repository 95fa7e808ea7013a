//! SIMILAR TO: the regular expressions of the SQL standard, which are run as Java's, as in Flink.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanBuilder};
use datafusion::arrow::datatypes::DataType;

use super::function::{Call, Definition, Family};
use super::matcher::Patterns;
use super::parameters::{Kind, Parameters};
use super::returns;
use crate::error::{Error, Result};

/// `text SIMILAR TO pattern ESCAPE escape`; an empty escape is none. Not to be called by name.
pub const SIMILAR_TO: Definition = Definition::new(
    Family::Text,
    "SIMILAR TO",
    "text SIMILAR TO pattern [ESCAPE escape]",
    "Whether all of the text matches a regular expression of SQL.",
    ("'ab' SIMILAR TO 'a(b|c)'", "TRUE"),
    Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 3),
    returns!(DataType::Boolean),
    similar_to,
);

fn similar_to(call: &Call) -> Result<ArrayRef> {
    let (texts, patterns, escapes) = (call.text(0)?, call.text(1)?, call.text(2)?);
    let mut compiled = Patterns::default();
    let mut similar = BooleanBuilder::with_capacity(call.rows);
    for row in 0..call.rows {
        let (Some(text), Some(pattern)) = (texts.get(row), patterns.get(row)) else {
            similar.append_null();
            continue;
        };
        // The escape is a literal, the same for all rows.
        let escape = || escapes.get(row).and_then(|escape| escape.chars().next());
        let matcher = compiled.require_whole(pattern, || java_pattern(pattern, escape()))?;
        similar.append_value(matcher.is_match(text)?);
    }
    Ok(Arc::new(similar.finish()))
}

/// What stands for itself only where it is escaped.
const SPECIAL: &str = "[]()|^-+*_%?{}";

/// Classes within brackets, by their names in SQL and in Java.
const CLASSES: [(&str, &str); 7] = [
    ("ALPHA", r"\p{Alpha}"),
    ("UPPER", r"\p{Upper}"),
    ("LOWER", r"\p{Lower}"),
    ("DIGIT", r"\d"),
    ("SPACE", " "),
    ("WHITESPACE", r"\s"),
    ("ALNUM", r"\p{Alnum}"),
];

/// A pattern of SIMILAR TO as Java writes it.
///
/// As in Flink, a point is not escaped: it is any character.
fn java_pattern(pattern: &str, escape: Option<char>) -> Result<String> {
    let refused = |what: &str| Error::user(format!("'{pattern}' is not a pattern of SIMILAR TO: {what}"));
    let mut java = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern.chars();
    let mut in_brackets = false;
    while let Some(sign) = rest.next() {
        match sign {
            sign if Some(sign) == escape => {
                let escaped = rest.next().filter(|it| SPECIAL.contains(*it) || Some(*it) == escape);
                let escaped = escaped.ok_or_else(|| {
                    let error = refused(&format!("it escapes nothing with its '{sign}'"));
                    error.hint("what can be escaped is the escape character itself, and []()|^-+*_%?{}")
                })?;
                quote(escaped, &mut java);
            }
            ']' if in_brackets => {
                in_brackets = false;
                java.push(']');
            }
            '[' if in_brackets => {
                let class = CLASSES.iter().find_map(|(name, class)| {
                    let (written, after) = rest.as_str().strip_prefix(':')?.split_once(":]")?;
                    let is = written == *name || written == name.to_lowercase();
                    is.then_some((class, after))
                });
                let (class, after) =
                    class.ok_or_else(|| refused("'[' within brackets begins no class such as [:ALPHA:]"))?;
                java.push_str(class);
                rest = after.chars();
            }
            '-' | '^' if in_brackets => java.push(sign),
            special if in_brackets && SPECIAL.contains(special) => {
                return Err(refused(&format!("'{special}' within brackets must be escaped"))
                    .hint("name the escape character by ESCAPE"));
            }
            '[' => {
                in_brackets = true;
                java.push('[');
            }
            ']' => return Err(refused("']' closes no bracket")),
            '_' => java.push('.'),
            '%' => java.push_str("(?s:.*)"),
            '\\' | '$' if !in_brackets => quote(sign, &mut java),
            sign => java.push(sign),
        }
    }
    if in_brackets {
        return Err(refused("a bracket is not closed"));
    }
    Ok(java)
}

/// A character that stands for itself in Java's patterns.
fn quote(sign: char, java: &mut String) {
    if sign.is_ascii_punctuation() {
        java.push('\\');
    }
    java.push(sign);
}
