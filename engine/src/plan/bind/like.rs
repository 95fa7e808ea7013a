//! LIKE. In SQL nothing escapes `%` and `_` unless ESCAPE names a character; in DataFusion the backslash always does.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::Like;
use datafusion::logical_expr::{Expr, lit};
use datafusion::sql::sqlparser::ast::{self, Spanned};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::Binder;
use crate::error::{Error, Result};
use crate::plan::catalog::at;

impl Binder<'_> {
    /// `value [NOT] LIKE pattern [ESCAPE escape]` over texts.
    pub(super) fn like(&self, negated: bool, value: Expr, pattern: Expr, escape: Option<char>) -> Result<Expr> {
        let pattern = match (pattern, escape) {
            (Expr::Literal(ScalarValue::Utf8(Some(text)), _), escape) => lit(backslashed(&text, escape)?),
            (pattern, Some('\\')) => pattern,
            (pattern, None) => {
                let replace = self.context.functions.built_in_scalar("REPLACE");
                let replace = replace.ok_or_else(|| Error::bug("no function REPLACE"))?;
                replace.call(vec![pattern, lit("\\"), lit("\\\\")])
            }
            (_, Some(_)) => {
                let error = Error::user("ESCAPE is supported with a literal as the pattern only");
                return Err(error.hint("compute the pattern with '\\' as its escape character, and write ESCAPE '\\'"));
            }
        };
        Ok(Expr::Like(Like::new(negated, Box::new(value), Box::new(pattern), None, false)))
    }
}

/// The character that ESCAPE names.
pub(super) fn escape(written: Option<&ast::ValueWithSpan>) -> Result<Option<char>> {
    match written.map(|escape| &escape.value) {
        None => Ok(None),
        Some(ast::Value::SingleQuotedString(text)) if text.chars().count() == 1 => Ok(text.chars().next()),
        Some(other) => {
            let error = Error::user(format!("ESCAPE wants one character, not {other}"));
            Err(at(
                error.hint("write it as a literal, as in ESCAPE '!'"),
                written.map_or_else(Span::empty, Spanned::span),
            ))
        }
    }
}

/// A pattern with backslashes for its escape character.
fn backslashed(pattern: &str, escape: Option<char>) -> Result<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        match sign {
            sign if Some(sign) == escape => match signs.next() {
                Some(escaped) if matches!(escaped, '%' | '_') || Some(escaped) == escape => {
                    if matches!(escaped, '%' | '_' | '\\') {
                        text.push('\\');
                    }
                    text.push(escaped);
                }
                _ => {
                    let message = format!("the pattern '{pattern}' escapes nothing with its '{sign}'");
                    return Err(Error::user(message).hint("only %, _ and the escape character itself can be escaped"));
                }
            },
            '\\' => text.push_str("\\\\"),
            sign => text.push(sign),
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::backslashed;

    #[test]
    fn patterns() {
        assert_eq!(backslashed("a_%", None).unwrap(), "a_%");
        assert_eq!(backslashed(r"a\_b", None).unwrap(), r"a\\_b");
        assert_eq!(backslashed("a!_!!%", Some('!')).unwrap(), r"a\_!%");
        assert_eq!(backslashed(r"a\\\%", Some('\\')).unwrap(), r"a\\\%");
        assert!(backslashed("a!b", Some('!')).is_err() && backslashed("a!", Some('!')).is_err());
    }
}
