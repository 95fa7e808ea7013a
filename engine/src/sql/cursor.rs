//! Where the statement parser stands: sqlparser's parser, with words instead of its keywords, and places kept.

use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Token};

use super::statement::Text;
use crate::error::{Position, parser_error};

/// Fails with [`ParserError`], which holds its place as text, as the parser below does.
pub type Parsed<T> = Result<T, ParserError>;

pub struct Cursor<'a> {
    pub parser: Parser<'a>,
}

impl Cursor<'_> {
    /// The next token's place.
    pub fn place(&self) -> Location {
        self.parser.peek_token_ref().span.start
    }

    pub fn position(&self) -> Position {
        self.place().into()
    }

    pub fn at_end(&self) -> bool {
        self.parser.peek_token_ref().token == Token::EOF
    }

    /// The next tokens are these words, in any case, not quoted.
    pub fn sees(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, word)| {
            matches!(&self.parser.peek_nth_token_ref(n).token,
                Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
        })
    }

    /// Takes these words if they are next.
    pub fn takes(&mut self, words: &[&str]) -> bool {
        let sees = self.sees(words);
        if sees {
            words.iter().for_each(|_| self.parser.advance_token());
        }
        sees
    }

    pub fn takes_token(&mut self, token: &Token) -> bool {
        self.parser.consume_token(token)
    }

    /// # Errors
    /// Where the words are not next.
    pub fn expects(&mut self, words: &[&str]) -> Parsed<()> {
        for word in words {
            if !self.takes(&[word]) {
                return self.fail(word);
            }
        }
        Ok(())
    }

    pub fn expects_token(&mut self, token: &Token) -> Parsed<()> {
        match self.parser.consume_token(token) {
            true => Ok(()),
            false => self.fail(&token.to_string()),
        }
    }

    pub fn expects_end_of_statement(&mut self) -> Parsed<()> {
        match self.parser.consume_token(&Token::SemiColon) {
            true => Ok(()),
            false => self.fail("; or the end"),
        }
    }

    /// `expected …, found …`, at the next token.
    pub fn fail<T>(&self, expected: &str) -> Parsed<T> {
        let found = self.parser.peek_token_ref();
        let found_text = match &found.token {
            Token::EOF => "the end".to_owned(),
            token => token.to_string(),
        };
        Err(parser_error(format!("expected {expected}, found {found_text}"), found.span.start))
    }

    /// Refuses what is next, or was at `place`.
    pub fn refuse<T>(&self, message: impl std::fmt::Display, place: Location) -> Parsed<T> {
        Err(parser_error(message, place))
    }

    /// A name, quoted or not.
    pub fn identifier(&mut self, what: &str) -> Parsed<ast::Ident> {
        match self.parser.peek_token_ref().token {
            Token::Word(_) => self.parser.parse_identifier(),
            _ => self.fail(what),
        }
    }

    pub fn name(&mut self, what: &str) -> Parsed<Text> {
        let ident = self.identifier(what)?;
        Ok(Text { value: ident.value, position: ident.span.start.into() })
    }

    /// A name with catalog and database in front, or not.
    pub fn object_name(&mut self, what: &str) -> Parsed<ast::ObjectName> {
        let mut parts = vec![self.identifier(what)?];
        while self.takes_token(&Token::Period) {
            parts.push(self.identifier(what)?);
        }
        Ok(ast::ObjectName::from(parts))
    }

    /// A string in single quotes.
    pub fn string(&mut self, what: &str) -> Parsed<Text> {
        let token = self.parser.peek_token_ref();
        let position = token.span.start.into();
        match &token.token {
            Token::SingleQuotedString(text) => {
                let value = text.clone();
                self.parser.advance_token();
                Ok(Text { value, position })
            }
            _ => self.fail(&format!("{what} in single quotes")),
        }
    }

    /// `(item, …)`.
    pub fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expects_token(&Token::LParen)?;
        let mut items = vec![item(self)?];
        while self.takes_token(&Token::Comma) {
            items.push(item(self)?);
        }
        match self.takes_token(&Token::RParen) {
            true => Ok(items),
            false => self.fail(", or )"),
        }
    }

    /// Fails unless a query is next, then parses it.
    pub fn query(&mut self) -> Parsed<Box<ast::Query>> {
        let begins = ["SELECT", "WITH", "VALUES"].iter().any(|word| self.sees(&[word]));
        if !begins && self.parser.peek_token_ref().token != Token::LParen {
            return self.fail("a query");
        }
        let place = self.place();
        let query = self.parser.parse_query()?;
        match query.body.as_ref() {
            ast::SetExpr::Insert(_) | ast::SetExpr::Update(_) | ast::SetExpr::Delete(_) | ast::SetExpr::Merge(_) => {
                self.refuse("expected a query after WITH; write INSERT INTO … WITH …", place)
            }
            _ => Ok(query),
        }
    }
}
