//! The catalog: temporary tables and views, by name. Names of tables, views and columns are case-sensitive, as in Flink.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::tokenizer::Span;

use crate::connectors::{Sink, Source, TableDescription};
use crate::error::{Error, Position, Result};
use crate::suggest::did_you_mean;
use crate::types::SqlType;

/// The names that every table has in front, where they are written.
pub const CATALOG: &str = "default_catalog";
pub const DATABASE: &str = "default_database";

/// A table as declared.
#[derive(Debug, Clone)]
pub struct CatalogTable {
    pub name: String,
    /// In the order of their declaration.
    pub columns: Vec<Column>,
    pub watermark: Option<Watermark>,
    /// Names of columns; empty where there is no primary key.
    pub primary_key: Vec<String>,
    /// Names of columns.
    pub partition_keys: Vec<String>,
    pub comment: Option<String>,
    /// Where its rows come from and go to.
    pub connection: Connection,
    /// Where its declaration begins.
    pub position: Option<Position>,
}

/// What is behind a table.
#[derive(Debug, Clone)]
pub enum Connection {
    /// The options of WITH, by which the registry of connectors finds it.
    Options(BTreeMap<String, TableOption>),
    /// A source made by a program: its schema is that of the physical columns.
    Source(Arc<dyn Source>),
    /// A sink made by a program: what collects a result.
    Sink(Arc<dyn Sink>),
}

/// The value of an option and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableOption {
    pub value: String,
    /// Of the option's name.
    pub position: Option<Position>,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub kind: ColumnKind,
    pub comment: Option<String>,
    /// Of the column's name.
    pub position: Option<Position>,
}

#[derive(Debug, Clone)]
pub enum ColumnKind {
    /// Read from and written to the connector. Columns of a primary key are NOT NULL.
    Physical(SqlType),
    /// `name AS expression`, over the physical columns. The planner finds its type.
    Computed(ast::Expr),
}

/// `WATERMARK FOR column AS expression`.
#[derive(Debug, Clone)]
pub struct Watermark {
    pub column: String,
    pub expression: ast::Expr,
    /// Of the column's name in the clause.
    pub position: Option<Position>,
}

impl CatalogTable {
    /// The columns that the connector has.
    pub fn physical_columns(&self) -> impl Iterator<Item = (&Column, &SqlType)> {
        self.columns.iter().filter_map(|column| match &column.kind {
            ColumnKind::Physical(sql_type) => Some((column, sql_type)),
            ColumnKind::Computed(_) => None,
        })
    }

    /// Schema of the columns that the connector has.
    pub fn physical_schema(&self) -> SchemaRef {
        let fields: Vec<FieldRef> =
            self.physical_columns().map(|(column, sql_type)| sql_type.field(&column.name)).collect();
        Arc::new(Schema::new(fields))
    }

    /// Option values by name; none for tables made by a program.
    pub fn options(&self) -> BTreeMap<String, String> {
        match &self.connection {
            Connection::Options(options) => {
                options.iter().map(|(name, option)| (name.clone(), option.value.clone())).collect()
            }
            _ => BTreeMap::new(),
        }
    }

    /// The table as its connector is told of it.
    pub fn description(&self, time_zone: &str) -> TableDescription {
        let schema = self.physical_schema();
        let index = |name: &String| schema.index_of(name).ok();
        TableDescription {
            name: self.name.clone(),
            sql_types: self.physical_columns().map(|(_, sql_type)| sql_type.text.clone()).collect(),
            primary_key: self.primary_key.iter().filter_map(index).collect(),
            partition_keys: self.partition_keys.iter().filter_map(index).collect(),
            options: self.options(),
            time_zone: time_zone.to_owned(),
            schema,
        }
    }

    /// The place of an option, for errors about it.
    pub fn option_position(&self, name: &str) -> Option<Position> {
        match &self.connection {
            Connection::Options(options) => options.get(name).and_then(|option| option.position),
            _ => None,
        }
    }

    /// An error of the table's connector, at the option that it speaks of, if it names one or its value.
    pub fn at_option(&self, error: Error) -> Error {
        let options = self.options();
        let speaks_of = |text: &str| error.message().contains(&format!("'{text}'"));
        let named = options.keys().find(|name| speaks_of(name));
        let named = named.or_else(|| options.iter().find(|(_, value)| speaks_of(value)).map(|(name, _)| name));
        match named.and_then(|name| self.option_position(name)) {
            Some(position) => error.at(position),
            None => error,
        }
    }
}

/// A query by name.
#[derive(Debug, Clone)]
pub struct View {
    pub name: String,
    /// New names of the query's columns; empty where it keeps its own.
    pub columns: Vec<String>,
    pub query: Box<ast::Query>,
    pub comment: Option<String>,
    /// Where its declaration begins.
    pub position: Option<Position>,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Relation {
    Table(Arc<CatalogTable>),
    View(Arc<View>),
}

/// Tables and views. Cloning is cheap enough to give every plan its own.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    relations: BTreeMap<String, Relation>,
}

impl Catalog {
    pub fn get(&self, name: &str) -> Option<&Relation> {
        self.relations.get(name)
    }

    /// Adds or replaces a table.
    pub fn set_table(&mut self, table: CatalogTable) {
        self.relations.insert(table.name.clone(), Relation::Table(Arc::new(table)));
    }

    /// Adds or replaces a view.
    pub fn set_view(&mut self, view: View) {
        self.relations.insert(view.name.clone(), Relation::View(Arc::new(view)));
    }

    pub fn remove(&mut self, name: &str) -> Option<Relation> {
        self.relations.remove(name)
    }

    /// In the order of their names.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<CatalogTable>> {
        self.relations.values().filter_map(|relation| match relation {
            Relation::Table(table) => Some(table),
            Relation::View(_) => None,
        })
    }

    /// In the order of their names.
    pub fn views(&self) -> impl Iterator<Item = &Arc<View>> {
        self.relations.values().filter_map(|relation| match relation {
            Relation::View(view) => Some(view),
            Relation::Table(_) => None,
        })
    }

    /// Of tables and views, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.relations.keys().map(String::as_str)
    }

    /// What a name stands for.
    ///
    /// # Errors
    /// A user error at the name's place that names the nearest known ones.
    pub fn resolve(&self, name: &ast::ObjectName) -> Result<&Relation> {
        self.resolve_within(name, &[])
    }

    /// As [`Catalog::resolve`], for a name in these views, one within the other, which it does not mean.
    ///
    /// # Errors
    /// As for [`Catalog::resolve`].
    pub fn resolve_within(&self, name: &ast::ObjectName, views: &[String]) -> Result<&Relation> {
        let simple = simple_name(name)?;
        self.relations.get(&simple).ok_or_else(|| {
            let unknown = Error::user(format!("table '{simple}' is not known"));
            let known = self.names().filter(|known| !views.iter().any(|view| view == known));
            at(unknown.hint(did_you_mean(&simple, known)), span_of(name))
        })
    }

    /// As [`Catalog::resolve`], for what is written to.
    ///
    /// # Errors
    /// User errors at the name's place: not known, or a view.
    pub fn resolve_table(&self, name: &ast::ObjectName) -> Result<&Arc<CatalogTable>> {
        match self.resolve(name)? {
            Relation::Table(table) => Ok(table),
            Relation::View(view) => {
                Err(at(Error::user(format!("'{}' is a view; only tables can be written to", view.name)), span_of(name)))
            }
        }
    }
}

/// The table's own name: the catalog and database in front of it can only be the default ones.
///
/// # Errors
/// User errors for other catalogs and databases.
pub fn simple_name(name: &ast::ObjectName) -> Result<String> {
    let parts: Vec<&str> = name.0.iter().filter_map(|part| part.as_ident()).map(|part| part.value.as_str()).collect();
    match parts.as_slice() {
        [table] if name.0.len() == 1 => Ok((*table).to_owned()),
        [DATABASE, table] | [CATALOG, DATABASE, table] if name.0.len() == parts.len() => Ok((*table).to_owned()),
        _ => Err(at(
            Error::user(format!("'{name}' is not known: the only catalog and database are {CATALOG}.{DATABASE}")),
            span_of(name),
        )),
    }
}

/// The span of a name's first part.
pub fn span_of(name: &ast::ObjectName) -> Span {
    name.0.first().and_then(|part| part.as_ident()).map_or(Span::empty(), |ident| ident.span)
}

/// Places an error where the span begins, unless the span is of a tree that was not parsed.
pub fn at(error: Error, span: Span) -> Error {
    match span.start.line {
        0 => error,
        _ => error.at(span.start.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        let mut catalog = Catalog::default();
        catalog.set_table(CatalogTable {
            name: "clicks".into(),
            columns: vec![Column {
                name: "id".into(),
                kind: ColumnKind::Physical(SqlType::parse("BIGINT NOT NULL").unwrap()),
                comment: None,
                position: None,
            }],
            watermark: None,
            primary_key: vec!["id".into()],
            partition_keys: vec![],
            comment: None,
            connection: Connection::Options(BTreeMap::from([(
                "connector".into(),
                TableOption { value: "print".into(), position: Some(Position { line: 2, column: 3 }) },
            )])),
            position: None,
        });
        catalog
    }

    fn name(parts: &[&str]) -> ast::ObjectName {
        ast::ObjectName::from(parts.iter().map(|part| ast::Ident::new(*part)).collect::<Vec<_>>())
    }

    #[test]
    fn names_are_resolved_or_explained() {
        let catalog = catalog();
        let found = |parts: &[&str]| {
            catalog.resolve_table(&name(parts)).map(|table| table.name.clone()).map_err(|e| e.to_string())
        };
        assert_eq!(found(&["clicks"]), Ok("clicks".into()));
        assert_eq!(found(&[CATALOG, DATABASE, "clicks"]), Ok("clicks".into()));
        assert_eq!(found(&["Clicks"]), Err("table 'Clicks' is not known; did you mean `clicks`?".into()));
        assert_eq!(
            found(&["hive", "clicks"]),
            Err("'hive.clicks' is not known: the only catalog and database are default_catalog.default_database".into())
        );
    }

    #[test]
    fn a_table_knows_its_options_and_columns() {
        let catalog = catalog();
        let table = catalog.tables().next().unwrap();
        assert_eq!(table.options(), BTreeMap::from([("connector".into(), "print".into())]));
        assert_eq!(table.option_position("connector"), Some(Position { line: 2, column: 3 }));
        assert!(!table.physical_schema().field(0).is_nullable());
    }
}
