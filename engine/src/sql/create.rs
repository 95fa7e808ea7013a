//! CREATE TABLE, VIEW and FUNCTION.

use std::collections::BTreeMap;

use datafusion::sql::sqlparser::tokenizer::Token;

use super::cursor::{Cursor, Parsed};
use super::inline::inline;
use super::statement::{CreateFunction, CreateTable, CreateView, FunctionCode, StatementKind, Text};
use crate::plan::catalog::{Column, ColumnKind, TableOption, Watermark};
use crate::suggest::did_you_mean;
use crate::types::parse_type;

/// What follows CREATE.
pub(super) fn create(cursor: &mut Cursor) -> Parsed<StatementKind> {
    let place = cursor.place();
    let or_replace = cursor.takes(&["OR", "REPLACE"]);
    let temporary = cursor.takes(&["TEMPORARY"]);
    if or_replace && !cursor.sees(&["FUNCTION"]) && !cursor.sees(&["SYSTEM", "FUNCTION"]) {
        return cursor.refuse("OR REPLACE is for functions; DROP the table or view first", place);
    }
    if cursor.takes(&["TABLE"]) {
        return Ok(StatementKind::CreateTable(table(cursor, temporary)?));
    }
    if cursor.takes(&["VIEW"]) {
        return Ok(StatementKind::CreateView(view(cursor, temporary)?));
    }
    if cursor.takes(&["FUNCTION"]) || (temporary && cursor.takes(&["SYSTEM", "FUNCTION"])) {
        return Ok(StatementKind::CreateFunction(function(cursor, or_replace, temporary)?));
    }
    cursor.fail("TABLE, VIEW or FUNCTION")
}

fn table(cursor: &mut Cursor, temporary: bool) -> Parsed<CreateTable> {
    let if_not_exists = cursor.takes(&["IF", "NOT", "EXISTS"]);
    let name = cursor.object_name("the name of the table")?;
    without_copies(cursor)?;
    if cursor.sees(&["WITH"]) {
        return cursor.fail("(: tables are declared with their columns");
    }
    let mut table = CreateTable {
        name,
        temporary,
        if_not_exists,
        columns: vec![],
        watermark: None,
        primary_key: vec![],
        partition_keys: vec![],
        comment: None,
        options: BTreeMap::new(),
    };
    cursor.list(|cursor| element(cursor, &mut table))?;
    if cursor.takes(&["COMMENT"]) {
        table.comment = Some(cursor.string("a comment")?.value);
    }
    if cursor.sees(&["DISTRIBUTED"]) {
        return cursor.refuse("DISTRIBUTED BY is not supported", cursor.place());
    }
    if cursor.takes(&["PARTITIONED", "BY"]) {
        table.partition_keys = cursor.list(|cursor| cursor.name("the name of a column"))?;
    }
    if cursor.takes(&["WITH"]) {
        table.options = options(cursor)?;
    }
    without_copies(cursor)?;
    check(cursor, &mut table)?;
    Ok(table)
}

/// Refuses what makes a table of another table or a query.
fn without_copies(cursor: &mut Cursor) -> Parsed<()> {
    for (word, instead) in
        [("LIKE", "declare the columns and options again"), ("AS", "write CREATE TABLE and INSERT INTO")]
    {
        if cursor.sees(&[word]) {
            return cursor.refuse(format!("CREATE TABLE … {word} is not supported; {instead}"), cursor.place());
        }
    }
    Ok(())
}

/// A column, a watermark or a constraint.
fn element(cursor: &mut Cursor, table: &mut CreateTable) -> Parsed<()> {
    let place = cursor.place();
    if cursor.sees(&["WATERMARK", "FOR"]) {
        if table.watermark.is_some() {
            return cursor.refuse("a table has one watermark at most", place);
        }
        cursor.takes(&["WATERMARK", "FOR"]);
        let column = cursor.name("the name of a column")?;
        if cursor.parser.peek_token_ref().token == Token::Period {
            return cursor
                .refuse("the row time must be a column of its own; add a computed column for the field", place);
        }
        cursor.expects(&["AS"])?;
        let expression = cursor.parser.parse_expr()?;
        table.watermark = Some(Watermark { column: column.value, expression, position: Some(column.position) });
        return Ok(());
    }
    if cursor.sees(&["CONSTRAINT"]) {
        cursor.takes(&["CONSTRAINT"]);
        cursor.identifier("the name of the constraint")?;
    }
    if cursor.sees(&["PRIMARY", "KEY"]) {
        one_key(cursor, table)?;
        cursor.takes(&["PRIMARY", "KEY"]);
        table.primary_key = cursor.list(|cursor| cursor.name("the name of a column"))?;
        return not_enforced(cursor);
    }
    if cursor.sees(&["UNIQUE"]) || cursor.sees(&["FOREIGN", "KEY"]) || cursor.sees(&["CHECK"]) {
        return cursor.fail("PRIMARY KEY: there are no other constraints");
    }
    let name = cursor.name("a column, WATERMARK FOR or PRIMARY KEY")?;
    if let Some(earlier) = table.columns.iter().find(|column| column.name == name.value) {
        let first = earlier.position.map_or(String::new(), |at| format!(" at line {}, column {}", at.line, at.column));
        return cursor.refuse(format!("column '{}' is declared before{first}", name.value), place);
    }
    let kind = match cursor.takes(&["AS"]) {
        true => ColumnKind::Computed(cursor.parser.parse_expr()?),
        false => ColumnKind::Physical(parse_type(&mut cursor.parser)?),
    };
    if cursor.sees(&["METADATA"]) {
        return cursor.refuse("METADATA columns are not supported", cursor.place());
    }
    let mut comment = None;
    loop {
        if cursor.sees(&["CONSTRAINT"]) {
            cursor.takes(&["CONSTRAINT"]);
            cursor.identifier("the name of the constraint")?;
        }
        if cursor.sees(&["PRIMARY", "KEY"]) {
            one_key(cursor, table)?;
            cursor.takes(&["PRIMARY", "KEY"]);
            table.primary_key = vec![name.clone()];
            not_enforced(cursor)?;
        } else if cursor.takes(&["COMMENT"]) {
            comment = Some(cursor.string("a comment")?.value);
        } else {
            break;
        }
    }
    if cursor.sees(&["DEFAULT"]) || cursor.sees(&["UNIQUE"]) || cursor.sees(&["REFERENCES"]) || cursor.sees(&["CHECK"])
    {
        return cursor.fail(", or ): columns have no other constraints than PRIMARY KEY NOT ENFORCED");
    }
    table.columns.push(Column { name: name.value, kind, comment, position: Some(name.position) });
    Ok(())
}

fn one_key(cursor: &Cursor, table: &CreateTable) -> Parsed<()> {
    match table.primary_key.is_empty() {
        true => Ok(()),
        false => cursor.refuse("a table has one primary key at most", cursor.place()),
    }
}

fn not_enforced(cursor: &mut Cursor) -> Parsed<()> {
    match cursor.takes(&["NOT", "ENFORCED"]) {
        true => Ok(()),
        false => cursor.fail("NOT ENFORCED: a primary key is a promise, it is not checked"),
    }
}

/// That what names columns names columns of the table. Those of the primary key become NOT NULL.
fn check(cursor: &Cursor, table: &mut CreateTable) -> Parsed<()> {
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let refuse = |what: &str, text: &Text| {
        let near = did_you_mean(&text.value, names.iter().map(String::as_str));
        let place = location(text);
        cursor.refuse(format!("{what} names the column '{}', which the table does not have; {near}", text.value), place)
    };
    for text in &table.primary_key {
        match table.columns.iter_mut().find(|column| column.name == text.value).map(|column| &mut column.kind) {
            Some(ColumnKind::Physical(sql_type)) => sql_type.nullable = false,
            Some(ColumnKind::Computed(_)) => {
                let message = format!("the primary key names '{}', which is a computed column", text.value);
                return cursor.refuse(message, location(text));
            }
            None => return refuse("the primary key", text),
        }
    }
    for text in &table.partition_keys {
        if !names.contains(&text.value) {
            return refuse("PARTITIONED BY", text);
        }
    }
    if let Some(Watermark { column, position: Some(position), .. }) = &table.watermark
        && !names.contains(column)
    {
        return refuse("the watermark", &Text { value: column.clone(), position: *position });
    }
    Ok(())
}

fn location(text: &Text) -> datafusion::sql::sqlparser::tokenizer::Location {
    datafusion::sql::sqlparser::tokenizer::Location::new(text.position.line, text.position.column)
}

/// `('name' = 'value', …)`.
pub(super) fn options(cursor: &mut Cursor) -> Parsed<BTreeMap<String, TableOption>> {
    let mut options = BTreeMap::new();
    cursor.list(|cursor| {
        let place = cursor.place();
        let name = cursor.string("an option's name")?;
        cursor.expects_token(&Token::Eq)?;
        let value = cursor.string("the option's value")?.value;
        match options.insert(name.value.clone(), TableOption { value, position: Some(name.position) }) {
            None => Ok(()),
            Some(_) => cursor.refuse(format!("option '{}' is given twice", name.value), place),
        }
    })?;
    Ok(options)
}

fn view(cursor: &mut Cursor, temporary: bool) -> Parsed<CreateView> {
    let if_not_exists = cursor.takes(&["IF", "NOT", "EXISTS"]);
    let name = cursor.object_name("the name of the view")?;
    let columns = match cursor.parser.peek_token_ref().token {
        Token::LParen => cursor.list(|cursor| {
            let name = cursor.name("the name of a column")?;
            if cursor.takes(&["COMMENT"]) {
                cursor.string("a comment")?;
            }
            Ok(name)
        })?,
        _ => vec![],
    };
    let comment = match cursor.takes(&["COMMENT"]) {
        true => Some(cursor.string("a comment")?.value),
        false => None,
    };
    cursor.expects(&["AS"])?;
    Ok(CreateView { name, temporary, if_not_exists, columns, comment, query: cursor.query()? })
}

fn function(cursor: &mut Cursor, or_replace: bool, temporary: bool) -> Parsed<CreateFunction> {
    let place = cursor.place();
    let if_not_exists = cursor.takes(&["IF", "NOT", "EXISTS"]);
    if or_replace && if_not_exists {
        // One replaces the function that is there, the other leaves it.
        return cursor.refuse("OR REPLACE and IF NOT EXISTS exclude each other", place);
    }
    let name = cursor.object_name("the name of the function")?;
    if cursor.parser.peek_token_ref().token == Token::LParen {
        let (inline, options) = inline(cursor)?;
        let code = FunctionCode::Inline(inline);
        return Ok(CreateFunction { name, or_replace, temporary, if_not_exists, code, options });
    }
    let export = match cursor.takes(&["AS"]) {
        true => Some(cursor.string("the function's name in the component")?),
        false => None,
    };
    if !cursor.takes(&["LANGUAGE", "WASM"]) {
        return cursor.fail(
            "LANGUAGE WASM and a component; or the parameters, as in f(x BIGINT) RETURNS BIGINT LANGUAGE PYTHON AS $$ … $$",
        );
    }
    if !cursor.takes(&["USING", "COMPONENT"]) {
        return cursor.fail("USING COMPONENT and the component's path");
    }
    let path = cursor.string("the component's path")?;
    let options = match cursor.takes(&["WITH"]) {
        true => options(cursor)?,
        false => BTreeMap::new(),
    };
    let code = FunctionCode::Component { export, path };
    Ok(CreateFunction { name, or_replace, temporary, if_not_exists, code, options })
}
