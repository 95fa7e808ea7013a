//! Statements: the syntax tree of a script. Queries and expressions are sqlparser's; everything around them is ours.

use std::collections::BTreeMap;

use datafusion::sql::sqlparser::ast;

use crate::error::Position;
use crate::plan::OnConflict;
use crate::plan::catalog::{Column, TableOption, Watermark};
use crate::types::SqlType;

/// One statement of a script.
#[derive(Debug, Clone)]
pub struct Statement {
    pub kind: StatementKind,
    /// Where it begins.
    pub position: Position,
    /// Its text, without the semicolon.
    pub text: String,
}

#[derive(Debug, Clone)]
pub enum StatementKind {
    CreateTable(CreateTable),
    CreateView(CreateView),
    CreateFunction(CreateFunction),
    Drop(Drop),
    Show(Show),
    /// DESCRIBE, DESC.
    Describe(ast::ObjectName),
    DescribeFunction(ast::ObjectName),
    /// `SET 'name' = 'value'`.
    Set {
        name: Text,
        value: Text,
    },
    /// `SET`: shows what is set.
    ShowSettings,
    /// `RESET 'name'`, or all.
    Reset(Option<Text>),
    Query(Box<ast::Query>),
    Insert(Insert),
    /// EXECUTE STATEMENT SET BEGIN …; … END: one job.
    StatementSet(Vec<Insert>),
    Explain(Explain),
}

/// A string literal or a name, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub value: String,
    pub position: Position,
}

#[derive(Debug, Clone)]
pub struct CreateTable {
    pub name: ast::ObjectName,
    pub temporary: bool,
    pub if_not_exists: bool,
    pub columns: Vec<Column>,
    pub watermark: Option<Watermark>,
    /// Columns of PRIMARY KEY … NOT ENFORCED.
    pub primary_key: Vec<Text>,
    pub partition_keys: Vec<Text>,
    pub comment: Option<String>,
    pub options: BTreeMap<String, TableOption>,
}

#[derive(Debug, Clone)]
pub struct CreateView {
    pub name: ast::ObjectName,
    pub temporary: bool,
    pub if_not_exists: bool,
    pub columns: Vec<Text>,
    pub comment: Option<String>,
    pub query: Box<ast::Query>,
}

/// `CREATE [OR REPLACE] [TEMPORARY] FUNCTION [IF NOT EXISTS] name …`.
#[derive(Debug, Clone)]
pub struct CreateFunction {
    pub name: ast::ObjectName,
    pub or_replace: bool,
    pub temporary: bool,
    pub if_not_exists: bool,
    pub code: FunctionCode,
    pub options: BTreeMap<String, TableOption>,
}

#[derive(Debug, Clone)]
pub enum FunctionCode {
    /// `[AS 'export'] LANGUAGE WASM USING COMPONENT 'path'`.
    Component {
        /// The function's name in the component; `None`: the same.
        export: Option<Text>,
        /// Path or URL.
        path: Text,
    },
    Inline(Inline),
}

/// `(x BIGINT, …) RETURNS type LANGUAGE PYTHON AS $$ … $$`.
#[derive(Debug, Clone)]
pub struct Inline {
    pub language: Text,
    pub parameters: Vec<(Text, SqlType)>,
    pub returns: Returns,
    pub source: Source,
}

#[derive(Debug, Clone)]
pub enum Returns {
    Value(SqlType),
    /// `RETURNS TABLE (word STRING, …)`.
    Table(Vec<(Text, SqlType)>),
}

/// Source text in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub text: String,
    /// Of its first character, behind the quotes.
    pub position: Position,
}

impl Source {
    /// The place in the SQL of a line and column of the source, which count from 1.
    pub fn place(&self, within: Position) -> Position {
        let column = if within.line == 1 { self.position.column - 1 } else { 0 };
        Position { line: self.position.line + within.line - 1, column: column + within.column }
    }
}

#[derive(Debug, Clone)]
pub struct Drop {
    pub kind: ObjectKind,
    pub name: ast::ObjectName,
    pub temporary: bool,
    pub if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    Table,
    View,
    Function,
}

#[derive(Debug, Clone)]
pub enum Show {
    /// SHOW TABLES: tables and views, as in Flink; LIKE pattern.
    Tables(Option<Like>),
    Views(Option<Like>),
    /// SHOW [USER] FUNCTIONS.
    Functions {
        user: bool,
        like: Option<Like>,
    },
    CreateTable(ast::ObjectName),
    CreateView(ast::ObjectName),
    CreateFunction(ast::ObjectName),
    /// SHOW COLUMNS FROM: as DESCRIBE.
    Columns {
        of: ast::ObjectName,
        like: Option<Like>,
    },
    CurrentCatalog,
    CurrentDatabase,
    Catalogs,
    Databases,
}

/// `[NOT] LIKE 'pattern'`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Like {
    pub negated: bool,
    pub pattern: String,
}

/// `INSERT INTO table [(columns)] query [ON CONFLICT …]`.
#[derive(Debug, Clone)]
pub struct Insert {
    pub table: ast::ObjectName,
    /// Empty: all columns of the table, in order.
    pub columns: Vec<ast::Ident>,
    pub query: Box<ast::Query>,
    pub on_conflict: OnConflict,
    pub position: Position,
}

#[derive(Debug, Clone)]
pub struct Explain {
    /// `EXPLAIN CHANGELOG_MODE`: with the row kinds of each node.
    pub changelog_mode: bool,
    pub of: Explained,
}

#[derive(Debug, Clone)]
pub enum Explained {
    Query(Box<ast::Query>),
    Insert(Insert),
    StatementSet(Vec<Insert>),
}
