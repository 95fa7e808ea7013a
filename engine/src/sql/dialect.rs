//! Flink's dialect for sqlparser's tokenizer and expression parser.

use std::cell::Cell;

use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::dialect::{Dialect, Precedence};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Span, Token};

use crate::error::{Error, Position, parser_error};
use crate::types::parse_type;

/// What Flink SQL has and sqlparser's other dialects have not:
/// - backquoted names, and only those;
/// - `TABLE t` as an argument: [`ast::Expr::Prefixed`] with the prefix `TABLE` and the name as an identifier;
/// - types in CAST and TRY_CAST as [`crate::types`] knows them: a custom type that [`crate::types::from_ast`] reads;
/// - `MAP[k, v, …]`: a call of the function `MAP`;
/// - `x BETWEEN SYMMETRIC a AND b`: between them in one order or the other.
///
/// One is made per text, and holds how often the parser may still begin an expression: it goes back to try another
/// reading, in chains such as `a.b.c…` at every part, so that the readings of a wrong text double with each.
#[derive(Debug)]
pub struct FlinkDialect {
    expressions_left: Cell<usize>,
    furthest: Cell<Location>,
}

impl FlinkDialect {
    /// For parsing this text and no other. A text that is right begins fewer expressions than it has characters.
    pub fn of(text: &str) -> Self {
        FlinkDialect {
            expressions_left: Cell::new(10_000 + 8 * text.len()),
            furthest: Cell::new(Location { line: 1, column: 1 }),
        }
    }

    /// The error of the parser, or that there were too many ways to read the text. What has no place is at `end`.
    pub fn explain(&self, error: ParserError, end: Position) -> Error {
        match error {
            ParserError::RecursionLimitExceeded if self.expressions_left.get() == 0 => {
                Error::user("this cannot be parsed: there are too many ways to read it")
                    .at(Position::from(self.furthest.get()))
                    .hint("look for a sign that is wrong here or shortly after, or split the statement")
            }
            error => Error::from(error).at(end),
        }
    }
}

impl Dialect for FlinkDialect {
    fn is_delimited_identifier_start(&self, character: char) -> bool {
        character == '`'
    }

    fn is_identifier_start(&self, character: char) -> bool {
        character.is_alphabetic() || character == '_'
    }

    fn is_identifier_part(&self, character: char) -> bool {
        character.is_alphanumeric() || character == '_' || character == '$'
    }

    fn identifier_quote_style(&self, _identifier: &str) -> Option<char> {
        Some('`')
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_match_recognize(&self) -> bool {
        true
    }

    fn supports_table_versioning(&self) -> bool {
        true
    }

    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }

    fn supports_window_function_null_treatment_arg(&self) -> bool {
        true
    }

    fn supports_unicode_string_literal(&self) -> bool {
        true
    }

    fn require_interval_qualifier(&self) -> bool {
        true
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<ast::Expr, ParserError>> {
        let [first, second] = parser.peek_tokens_ref::<2>();
        self.furthest.set(self.furthest.get().max(first.span.start));
        let Some(left) = self.expressions_left.get().checked_sub(1) else {
            // The one error that the parser does not answer with another try.
            return Some(Err(ParserError::RecursionLimitExceeded));
        };
        self.expressions_left.set(left);
        let (Token::Word(word), second, span) = (&first.token, &second.token, first.span) else { return None };
        if word.quote_style.is_some() {
            return None;
        }
        match (word.keyword, second) {
            (Keyword::TABLE, Token::Word(_)) => Some(table_argument(parser, span)),
            (Keyword::CAST, Token::LParen) => Some(cast(parser, ast::CastKind::Cast)),
            (Keyword::TRY_CAST, Token::LParen) => Some(cast(parser, ast::CastKind::TryCast)),
            (Keyword::MAP, Token::LBracket) => Some(map(parser, span)),
            _ => None,
        }
    }

    fn parse_infix(&self, parser: &mut Parser, left: &ast::Expr, _: u8) -> Option<Result<ast::Expr, ParserError>> {
        let keywords = parser.peek_tokens_ref::<3>().map(|token| match &token.token {
            Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
            _ => None,
        });
        let (negated, symmetry) = match keywords {
            [Some(Keyword::BETWEEN), Some(symmetry), _] => (false, symmetry),
            [Some(Keyword::NOT), Some(Keyword::BETWEEN), Some(symmetry)] => (true, symmetry),
            _ => return None,
        };
        let symmetric = match symmetry {
            Keyword::SYMMETRIC => true,
            Keyword::ASYMMETRIC => false,
            _ => return None,
        };
        (0..2 + usize::from(negated)).for_each(|_| parser.advance_token());
        Some(self.between(parser, left.clone(), negated, symmetric))
    }
}

impl FlinkDialect {
    /// `a AND b` of `value [NOT] BETWEEN [A]SYMMETRIC a AND b`, where the parser stands.
    fn between(
        &self,
        parser: &mut Parser,
        value: ast::Expr,
        negated: bool,
        symmetric: bool,
    ) -> Result<ast::Expr, ParserError> {
        let before = self.expressions_left.get();
        let low = parser.parse_subexpr(self.prec_value(Precedence::Between))?;
        parser.expect_keyword_is(Keyword::AND)?;
        let high = parser.parse_subexpr(self.prec_value(Precedence::Between))?;
        let (low, high) = match symmetric {
            false => (low, high),
            true => {
                // Both stand twice in what is made of them and count twice: one within another doubles with each.
                let left = self.expressions_left.get();
                let Some(left) = left.checked_sub(before.saturating_sub(left)) else {
                    self.expressions_left.set(0);
                    return Err(ParserError::RecursionLimitExceeded);
                };
                self.expressions_left.set(left);
                let of = |name, one: &ast::Expr, other: &ast::Expr| {
                    call(ast::Ident::new(name), vec![one.clone(), other.clone()])
                };
                (of("LEAST", &low, &high), of("GREATEST", &low, &high))
            }
        };
        Ok(ast::Expr::Between { expr: Box::new(value), negated, low: Box::new(low), high: Box::new(high) })
    }
}

/// `TABLE t`, where the parser stands.
fn table_argument(parser: &mut Parser, span: Span) -> Result<ast::Expr, ParserError> {
    parser.advance_token();
    let mut parts = vec![parser.parse_identifier()?];
    while parser.consume_token(&Token::Period) {
        parts.push(parser.parse_identifier()?);
    }
    let table = match parts.len() {
        1 => ast::Expr::Identifier(parts.remove(0)),
        _ => ast::Expr::CompoundIdentifier(parts),
    };
    Ok(ast::Expr::Prefixed { prefix: ast::Ident::with_span(span, "TABLE"), value: Box::new(table) })
}

/// `CAST(expression AS type)`, where the parser stands.
fn cast(parser: &mut Parser, kind: ast::CastKind) -> Result<ast::Expr, ParserError> {
    parser.advance_token();
    parser.expect_token(&Token::LParen)?;
    let expr = Box::new(parser.parse_expr()?);
    parser.expect_keyword_is(Keyword::AS)?;
    let place = parser.peek_token_ref().span.start;
    let target = parse_type(parser)?;
    if !target.nullable {
        return Err(parser_error("a cast cannot make a value NOT NULL", place));
    }
    parser.expect_token(&Token::RParen)?;
    Ok(ast::Expr::Cast { kind, expr, data_type: target.to_ast(), array: false, format: None })
}

/// `MAP[key, value, …]`, where the parser stands.
fn map(parser: &mut Parser, span: Span) -> Result<ast::Expr, ParserError> {
    parser.advance_token();
    parser.expect_token(&Token::LBracket)?;
    let entries = match parser.peek_token_ref().token {
        Token::RBracket => vec![],
        _ => parser.parse_comma_separated(Parser::parse_expr)?,
    };
    parser.expect_token(&Token::RBracket)?;
    Ok(call(ast::Ident::with_span(span, "MAP"), entries))
}

/// A plain call of a function.
pub fn call(name: ast::Ident, arguments: Vec<ast::Expr>) -> ast::Expr {
    let args = arguments.into_iter().map(|it| ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(it))).collect();
    ast::Expr::Function(ast::Function {
        name: ast::ObjectName::from(vec![name]),
        uses_odbc_syntax: false,
        parameters: ast::FunctionArguments::None,
        args: ast::FunctionArguments::List(ast::FunctionArgumentList {
            duplicate_treatment: None,
            args,
            clauses: vec![],
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}
