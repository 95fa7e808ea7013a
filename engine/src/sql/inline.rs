//! CREATE FUNCTION with the function's source: what follows its name.

use std::collections::BTreeMap;

use datafusion::sql::sqlparser::ast::DollarQuotedString;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::create::options;
use super::cursor::{Cursor, Parsed};
use super::statement::{Inline, Returns, Source, Text};
use crate::error::Position;
use crate::plan::catalog::TableOption;
use crate::types::{SqlType, parse_type};

/// `(x BIGINT, …) RETURNS … LANGUAGE … [WITH (…)] AS $$ … $$ [WITH (…)]`.
pub(super) fn inline(cursor: &mut Cursor) -> Parsed<(Inline, BTreeMap<String, TableOption>)> {
    let parameters = columns(cursor, "parameter", true)?;
    if !cursor.takes(&["RETURNS"]) {
        return cursor.fail("RETURNS and the type of the result");
    }
    let returns = match cursor.takes(&["TABLE"]) {
        true => Returns::Table(columns(cursor, "column", false)?),
        false => Returns::Value(parse_type(&mut cursor.parser)?),
    };
    if !cursor.takes(&["LANGUAGE"]) {
        return cursor.fail("LANGUAGE and PYTHON or JAVASCRIPT");
    }
    if cursor.sees(&["WASM"]) {
        return cursor.refuse(
            "a component says itself what its functions take and return: write the name of the function alone",
            cursor.place(),
        );
    }
    let language = cursor.name("PYTHON or JAVASCRIPT")?;
    let mut given = BTreeMap::new();
    let before = cursor.takes(&["WITH"]);
    if before {
        given = options(cursor)?;
    }
    if !cursor.takes(&["AS"]) {
        return cursor.fail("AS and the function's source between $$ and $$");
    }
    let source = source(cursor)?;
    if !before && cursor.takes(&["WITH"]) {
        given = options(cursor)?;
    }
    Ok((Inline { language, parameters, returns, source }, given))
}

/// `(name type, …)`.
fn columns(cursor: &mut Cursor, what: &str, may_be_empty: bool) -> Parsed<Vec<(Text, SqlType)>> {
    if may_be_empty && cursor.parser.peek_nth_token_ref(1).token == Token::RParen {
        cursor.expects_token(&Token::LParen)?;
        cursor.expects_token(&Token::RParen)?;
        return Ok(vec![]);
    }
    let mut known: Vec<(Text, SqlType)> = vec![];
    cursor.list(|cursor| {
        let place = cursor.place();
        let name = cursor.name(&format!("the name of a {what}"))?;
        if known.iter().any(|(earlier, _)| earlier.value == name.value) {
            return cursor.refuse(format!("{what} '{}' is declared before", name.value), place);
        }
        known.push((name, parse_type(&mut cursor.parser)?));
        Ok(())
    })?;
    Ok(known)
}

/// The text between `$$` and `$$`, or `$tag$` and `$tag$`, or in single quotes, and where it begins.
fn source(cursor: &mut Cursor) -> Parsed<Source> {
    let token = cursor.parser.peek_token_ref();
    let start: Position = token.span.start.into();
    let (text, quotes) = match &token.token {
        Token::DollarQuotedString(DollarQuotedString { value, tag }) => {
            (value.clone(), 2 + tag.as_ref().map_or(0, |tag| tag.chars().count()))
        }
        Token::SingleQuotedString(text) => (text.clone(), 1),
        _ => return cursor.fail("the function's source between $$ and $$"),
    };
    cursor.parser.advance_token();
    let position = Position { line: start.line, column: start.column + quotes as u64 };
    Ok(Source { text, position })
}
