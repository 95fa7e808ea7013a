//! From text to tokens: what no statement may hold is refused here, with its place.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::dialect::FlinkDialect;
use crate::error::{Error, Position, Result};

/// Tokens of an expression or clause without a comma, at most, on one level of parentheses. Trees grow as deep as chains
/// of operators are long, and whoever walks them needs a stack.
const MAX_CHAIN: usize = 2_000;

/// How deep parentheses may nest. The parser has its own limit, which comes sooner in most places.
const MAX_DEPTH: usize = 100;

/// The tokens of a script, comments and spaces included.
///
/// # Errors
/// User errors with their places: open strings, signs that Flink SQL does not have, hints, endless expressions.
pub fn tokenize(sql: &str) -> Result<Vec<TokenWithSpan>> {
    let dialect = FlinkDialect::of(sql);
    let tokens = Tokenizer::new(&dialect, sql).tokenize_with_location().map_err(|error| {
        let opened = if error.message.contains("dollar-quoted") { opening_dollar(&dialect, sql) } else { None };
        place(Error::user(lower_first(&error.message)), opened.unwrap_or(error.location))
    })?;
    // Behind AS stands the source of a function.
    let mut behind_as = false;
    for token in &tokens {
        let is_source = matches!(token.token, Token::DollarQuotedString(_)) && behind_as;
        if !matches!(token.token, Token::Whitespace(_)) {
            behind_as =
                matches!(&token.token, Token::Word(word) if word.quote_style.is_none() && word.keyword == Keyword::AS);
        }
        if let Some(problem) = refused(&token.token).filter(|_| !is_source) {
            return Err(place(Error::user(problem), token.span.start));
        }
    }
    check_chains(&tokens)?;
    Ok(tokens)
}

/// Where the last text between dollars begins, of a script in which it does not end: what stands before has all its
/// tokens. `None` where dollars are too many to try.
fn opening_dollar(dialect: &FlinkDialect, sql: &str) -> Option<Location> {
    const MOST: usize = 100;
    let begins = |&at: &usize| !sql[..at].ends_with(|before: char| before == '$' || before.is_alphanumeric());
    let dollars = memchr::memrchr_iter(b'$', sql.as_bytes()).filter(begins).take(MOST);
    let before = dollars.map(|at| &sql[..at]).find(|before| Tokenizer::new(dialect, before).tokenize().is_ok())?;
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) as u64 + 1;
    Some(Location { line, column })
}

fn place(error: Error, location: Location) -> Error {
    error.at(Position::from(location))
}

fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map_or(String::new(), |first| first.to_lowercase().chain(characters).collect())
}

fn refused(token: &Token) -> Option<String> {
    let said = match token {
        Token::DoubleQuotedString(_) => {
            "double quotes mean nothing in Flink SQL: write names in `backquotes` and text in 'single quotes'"
        }
        Token::DoubleColon => "Flink SQL has no '::'; write CAST(value AS type)",
        Token::Whitespace(Whitespace::MultiLineComment(comment)) if comment.starts_with('+') => {
            "hints are not supported: /*+ … */ would change what the query does; remove it, or put table options into the WITH of the table"
        }
        Token::Placeholder(_) => "there are no parameters to put in place of '?' and '$1'; write the value",
        Token::NationalStringLiteral(_) | Token::DollarQuotedString(_) => "write text in 'single quotes'",
        Token::Char(character) => return Some(format!("'{character}' has no place in SQL")),
        _ => return None,
    };
    Some(said.into())
}

fn check_chains(tokens: &[TokenWithSpan]) -> Result<()> {
    let mut levels = vec![0_usize];
    for token in tokens {
        match token.token {
            Token::Whitespace(_) => continue,
            Token::LParen | Token::LBracket => {
                if levels.len() >= MAX_DEPTH {
                    return Err(place(Error::user("parentheses nest too deeply here"), token.span.start));
                }
                levels.push(0);
            }
            Token::RParen | Token::RBracket if levels.len() > 1 => {
                levels.pop();
            }
            Token::Comma | Token::SemiColon => {
                if let Some(level) = levels.last_mut() {
                    *level = 0;
                }
            }
            _ => {}
        }
        if let Some(level) = levels.last_mut() {
            *level += 1;
            if *level > MAX_CHAIN {
                let error = Error::user("this expression is too long").hint("split the statement with views");
                return Err(place(error, token.span.start));
            }
        }
    }
    Ok(())
}
