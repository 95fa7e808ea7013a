//! Scripts to statements. Queries and expressions go to sqlparser; the statements around them are parsed here, since
//! sqlparser knows little of Flink's.

use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Whitespace};

use super::cursor::{Cursor, Parsed};
use super::dialect::FlinkDialect;
use super::statement::{Explain, Explained, Insert, Like, ObjectKind, Show, Statement, StatementKind};
use super::text::Source;
use super::{create, tokens};
use crate::error::{Error, Position, Result};
use crate::plan::OnConflict;

/// The statements of a script, divided by semicolons. Nothing is looked up: that a table exists is not checked here.
///
/// # Errors
/// User errors with their places: the first of the script.
pub fn parse_script(sql: &str) -> Result<Vec<Statement>> {
    let dialect = FlinkDialect::of(sql);
    let (mut cursor, end) = cursor(sql, &dialect)?;
    let explained = |error| dialect.explain(error, end);
    let source = Source::new(sql);
    let mut statements = vec![];
    loop {
        while cursor.takes_token(&Token::SemiColon) {}
        if cursor.at_end() {
            return Ok(statements);
        }
        let begin = cursor.position();
        let kind = statement(&mut cursor).map_err(explained)?;
        let close = if cursor.at_end() { end } else { cursor.position() };
        if !cursor.at_end() {
            cursor.expects_end_of_statement().map_err(explained)?;
        }
        statements.push(Statement { kind, position: begin, text: source.between(begin, close).trim_end().to_owned() });
    }
}

/// A script of exactly one statement.
///
/// # Errors
/// As [`parse_script`], and where there is none or more than one.
pub fn parse_statement(sql: &str) -> Result<Statement> {
    let mut statements = parse_script(sql)?;
    match (statements.pop(), statements.pop()) {
        (Some(statement), None) => Ok(statement),
        (Some(second), Some(_)) => Err(Error::user("expected one statement, found more").at(second.position)),
        (None, _) => Err(Error::user("expected a statement, found nothing")),
    }
}

/// A query and nothing else.
///
/// # Errors
/// User errors with their places.
pub fn parse_query(sql: &str) -> Result<Box<ast::Query>> {
    let statement = parse_statement(sql)?;
    match statement.kind {
        StatementKind::Query(query) => Ok(query),
        _ => Err(Error::user("expected a query").at(statement.position)),
    }
}

/// The name of a table: `t`, `` `my table` ``, `default_catalog.default_database.t`.
///
/// # Errors
/// User errors that show the text.
pub fn parse_object_name(text: &str) -> Result<ast::ObjectName> {
    let bad = |error: Error| Error::user(format!("'{text}' is not the name of a table: {}", error.message()));
    let dialect = FlinkDialect::of(text);
    let (mut cursor, end) = cursor(text, &dialect).map_err(bad)?;
    let name = cursor.object_name("a name").map_err(|error| bad(dialect.explain(error, end)))?;
    match cursor.at_end() {
        true => Ok(name),
        false => Err(bad(Error::user("more than a name"))),
    }
}

/// A cursor over the text, and the place of its end.
fn cursor<'a>(sql: &str, dialect: &'a FlinkDialect) -> Result<(Cursor<'a>, Position)> {
    let tokens = tokens::tokenize(sql)?;
    let last = |token: &&TokenWithSpan| {
        !matches!(token.token, Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab))
    };
    let end = tokens.iter().rev().find(last).map_or(Position { line: 1, column: 1 }, |token| token.span.end.into());
    Ok((Cursor { parser: Parser::new(dialect).with_tokens_with_locations(tokens) }, end))
}

fn statement(cursor: &mut Cursor) -> Parsed<StatementKind> {
    let place = cursor.place();
    if cursor.sees(&["SELECT"])
        || cursor.sees(&["WITH"])
        || cursor.sees(&["VALUES"])
        || cursor.parser.peek_token_ref().token == Token::LParen
    {
        return Ok(StatementKind::Query(cursor.query()?));
    }
    if cursor.sees(&["INSERT"]) {
        return Ok(StatementKind::Insert(insert(cursor)?));
    }
    if cursor.sees(&["EXECUTE", "STATEMENT"]) || cursor.sees(&["BEGIN", "STATEMENT"]) {
        return Ok(StatementKind::StatementSet(statement_set(cursor)?));
    }
    if cursor.takes(&["EXECUTE"]) {
        return match cursor.sees(&["INSERT"]) {
            true => Ok(StatementKind::Insert(insert(cursor)?)),
            false => Ok(StatementKind::Query(cursor.query()?)),
        };
    }
    if cursor.takes(&["EXPLAIN"]) {
        return explain(cursor);
    }
    if cursor.takes(&["CREATE"]) {
        return create::create(cursor);
    }
    if cursor.takes(&["DROP"]) {
        return drop(cursor);
    }
    if cursor.takes(&["SHOW"]) {
        return show(cursor);
    }
    if cursor.takes(&["DESCRIBE"]) || cursor.takes(&["DESC"]) {
        if cursor.sees(&["CATALOG"]) || cursor.sees(&["DATABASE"]) || cursor.sees(&["MODEL"]) {
            return cursor.fail("the name of a table or view, or FUNCTION; only they can be described");
        }
        if cursor.takes(&["FUNCTION"]) {
            cursor.takes(&["EXTENDED"]);
            return Ok(StatementKind::DescribeFunction(cursor.object_name("the name of a function")?));
        }
        cursor.takes(&["EXTENDED"]);
        return Ok(StatementKind::Describe(cursor.object_name("the name of a table or view")?));
    }
    if cursor.takes(&["SET"]) {
        return set(cursor);
    }
    if cursor.takes(&["RESET"]) {
        return match cursor.at_end() || cursor.parser.peek_token_ref().token == Token::SemiColon {
            true => Ok(StatementKind::Reset(None)),
            false => Ok(StatementKind::Reset(Some(cursor.string("an option's name")?))),
        };
    }
    const UNSUPPORTED: &[&str] = &[
        "ADD", "ALTER", "ANALYZE", "CALL", "DELETE", "HELP", "LOAD", "MERGE", "QUIT", "RELOAD", "REMOVE", "REPLACE",
        "STOP", "TRUNCATE", "UNLOAD", "UPDATE", "USE",
    ];
    if let Some(word) = UNSUPPORTED.iter().find(|word| cursor.sees(&[word])) {
        return cursor.refuse(format!("{word} is not supported"), place);
    }
    cursor.fail("a statement")
}

fn insert(cursor: &mut Cursor) -> Parsed<Insert> {
    let position = cursor.position();
    let place = cursor.place();
    cursor.expects(&["INSERT"])?;
    if cursor.sees(&["OVERWRITE"]) {
        return cursor.refuse("INSERT OVERWRITE is not supported; write INSERT INTO", place);
    }
    cursor.expects(&["INTO"])?;
    cursor.takes(&["TABLE"]);
    let table = cursor.object_name("the name of a table")?;
    if cursor.sees(&["PARTITION"]) {
        return cursor.fail("a query: PARTITION (…) is not supported, select the partition's columns");
    }
    let columns = match (cursor.parser.peek_token_ref().token == Token::LParen)
        .then(|| &cursor.parser.peek_nth_token_ref(1).token)
    {
        Some(Token::Word(word))
            if word.quote_style.is_some()
                || !["SELECT", "WITH", "VALUES"].iter().any(|it| word.value.eq_ignore_ascii_case(it)) =>
        {
            cursor.list(|cursor| cursor.identifier("the name of a column"))?
        }
        _ => vec![],
    };
    Ok(Insert { table, columns, query: cursor.query()?, on_conflict: on_conflict(cursor)?, position })
}

/// `ON CONFLICT DO DEDUPLICATE`.
fn on_conflict(cursor: &mut Cursor) -> Parsed<OnConflict> {
    if !cursor.takes(&["ON", "CONFLICT"]) {
        return Ok(OnConflict::default());
    }
    let place = cursor.place();
    cursor.expects(&["DO"])?;
    if let Some(word) = ["ERROR", "NOTHING"].into_iter().find(|word| cursor.sees(&[word])) {
        return cursor.refuse(format!("ON CONFLICT DO {word} is not supported; write DO DEDUPLICATE"), place);
    }
    cursor.expects(&["DEDUPLICATE"])?;
    Ok(OnConflict::Deduplicate)
}

/// `EXECUTE STATEMENT SET BEGIN …; END`, or the older `BEGIN STATEMENT SET; …; END`.
fn statement_set(cursor: &mut Cursor) -> Parsed<Vec<Insert>> {
    if cursor.takes(&["BEGIN", "STATEMENT", "SET"]) {
        cursor.expects_token(&Token::SemiColon)?;
    } else {
        cursor.takes(&["EXECUTE"]);
        cursor.expects(&["STATEMENT", "SET", "BEGIN"])?;
    }
    let mut inserts = vec![];
    loop {
        while cursor.takes_token(&Token::SemiColon) {}
        if cursor.sees(&["END"]) && !inserts.is_empty() {
            cursor.takes(&["END"]);
            return Ok(inserts);
        }
        if !cursor.sees(&["INSERT"]) {
            return cursor.fail(if inserts.is_empty() { "INSERT" } else { "INSERT or END" });
        }
        inserts.push(insert(cursor)?);
        if !cursor.takes_token(&Token::SemiColon) {
            return cursor.fail(";");
        }
    }
}

fn explain(cursor: &mut Cursor) -> Parsed<StatementKind> {
    let mut changelog_mode = false;
    if !cursor.takes(&["PLAN", "FOR"]) {
        while ["CHANGELOG_MODE", "ESTIMATED_COST", "JSON_EXECUTION_PLAN", "PLAN_ADVICE"]
            .iter()
            .any(|it| cursor.sees(&[it]))
        {
            if !cursor.takes(&["CHANGELOG_MODE"]) {
                return cursor.fail("CHANGELOG_MODE or a statement: other details are not supported");
            }
            changelog_mode = true;
            if !cursor.takes_token(&Token::Comma) {
                break;
            }
        }
    }
    let of = if cursor.sees(&["INSERT"]) {
        Explained::Insert(insert(cursor)?)
    } else if cursor.sees(&["STATEMENT"]) || cursor.sees(&["EXECUTE"]) || cursor.sees(&["BEGIN"]) {
        Explained::StatementSet(statement_set(cursor)?)
    } else {
        Explained::Query(cursor.query()?)
    };
    Ok(StatementKind::Explain(Explain { changelog_mode, of }))
}

fn drop(cursor: &mut Cursor) -> Parsed<StatementKind> {
    let temporary = cursor.takes(&["TEMPORARY"]);
    if temporary {
        cursor.takes(&["SYSTEM"]);
    }
    let kinds = [("TABLE", ObjectKind::Table), ("VIEW", ObjectKind::View), ("FUNCTION", ObjectKind::Function)];
    let Some((_, kind)) = kinds.into_iter().find(|(word, _)| cursor.takes(&[word])) else {
        return cursor.fail("TABLE, VIEW or FUNCTION");
    };
    let if_exists = cursor.takes(&["IF", "EXISTS"]);
    let name = cursor.object_name("a name")?;
    Ok(StatementKind::Drop(super::statement::Drop { kind, name, temporary, if_exists }))
}

fn show(cursor: &mut Cursor) -> Parsed<StatementKind> {
    let show = if cursor.takes(&["TABLES"]) {
        Show::Tables(like(cursor)?)
    } else if cursor.takes(&["VIEWS"]) {
        Show::Views(like(cursor)?)
    } else if cursor.takes(&["USER", "FUNCTIONS"]) {
        Show::Functions { user: true, like: like(cursor)? }
    } else if cursor.takes(&["FUNCTIONS"]) {
        Show::Functions { user: false, like: like(cursor)? }
    } else if cursor.takes(&["CREATE", "TABLE"]) {
        Show::CreateTable(cursor.object_name("the name of a table")?)
    } else if cursor.takes(&["CREATE", "VIEW"]) {
        Show::CreateView(cursor.object_name("the name of a view")?)
    } else if cursor.takes(&["CREATE", "FUNCTION"]) {
        Show::CreateFunction(cursor.object_name("the name of a function")?)
    } else if cursor.takes(&["COLUMNS"]) {
        if !cursor.takes(&["FROM"]) && !cursor.takes(&["IN"]) {
            return cursor.fail("FROM or IN");
        }
        Show::Columns { of: cursor.object_name("the name of a table or view")?, like: like(cursor)? }
    } else if cursor.takes(&["CATALOGS"]) {
        Show::Catalogs
    } else if cursor.takes(&["DATABASES"]) {
        Show::Databases
    } else if cursor.takes(&["CURRENT", "CATALOG"]) {
        Show::CurrentCatalog
    } else if cursor.takes(&["CURRENT", "DATABASE"]) {
        Show::CurrentDatabase
    } else {
        return cursor.fail("TABLES, VIEWS, FUNCTIONS, COLUMNS, CREATE TABLE, CREATE VIEW or CREATE FUNCTION");
    };
    Ok(StatementKind::Show(show))
}

fn like(cursor: &mut Cursor) -> Parsed<Option<Like>> {
    let negated = cursor.takes(&["NOT"]);
    if cursor.takes(&["LIKE"]) {
        return Ok(Some(Like { negated, pattern: cursor.string("a pattern")?.value }));
    }
    if negated { cursor.fail("LIKE") } else { Ok(None) }
}

fn set(cursor: &mut Cursor) -> Parsed<StatementKind> {
    if cursor.at_end() || cursor.parser.peek_token_ref().token == Token::SemiColon {
        return Ok(StatementKind::ShowSettings);
    }
    let name = cursor.string("an option's name")?;
    cursor.expects_token(&Token::Eq)?;
    Ok(StatementKind::Set { name, value: cursor.string("the option's value")? })
}
