//! A session: catalogs and options, and what each statement does to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::sql::sqlparser::ast;

use super::interrupt::Interrupt;
use super::result::TableResult;
use super::stack::with_deep_stack;
use super::{columns, execute, show};
use crate::config::Config;
use crate::connectors::ConnectorRegistry;
use crate::error::{Error, Position, Result};
use crate::functions::catalog::{Function, FunctionCatalog};
use crate::functions::component::{
    ComponentDeclaration, ComponentFunction, FunctionCode, FunctionKind, InlineFunction, Returns,
};
use crate::plan::Planner;
use crate::plan::catalog::{Catalog, CatalogTable, Connection, Relation, TableOption, View, at, simple_name, span_of};
use crate::sql::statement::{
    self, CreateFunction, CreateTable, CreateView, Drop, Insert, ObjectKind, Source, Statement, StatementKind, Text,
};
use crate::suggest::did_you_mean;
use crate::types::SqlType;

/// Catalogs and options. Cloned for every statement, so that no lock is held while planning; everything big is shared.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub catalog: Catalog,
    pub functions: FunctionCatalog,
    pub connectors: ConnectorRegistry,
    pub config: Config,
    /// INSERTs of the Table API that wait for `execute`.
    pub pending: Vec<Insert>,
    /// Ends what statements wait for.
    pub interrupt: Interrupt,
}

impl Session {
    pub fn new() -> Self {
        Session {
            catalog: Catalog::default(),
            functions: FunctionCatalog::built_in(),
            connectors: ConnectorRegistry::default(),
            config: Config::new(),
            pending: vec![],
            interrupt: Interrupt::default(),
        }
    }

    pub fn planner(&self) -> Planner<'_> {
        Planner::new(&self.catalog, &self.functions, &self.connectors, &self.config)
    }

    /// Executes a statement: changes the session, tells of it, or starts a job.
    pub fn execute(&mut self, statement: Statement) -> Result<TableResult> {
        let position = statement.position;
        match statement.kind {
            StatementKind::CreateTable(table) => self.create_table(table, position),
            StatementKind::CreateView(view) => self.create_view(view, position),
            StatementKind::CreateFunction(function) => self.create_function(function),
            StatementKind::Drop(drop) => self.drop(&drop),
            StatementKind::Show(what) => show::show(self, &what),
            StatementKind::Describe(name) => show::describe(self, &name, None),
            StatementKind::DescribeFunction(name) => show::describe_function(self, &name),
            StatementKind::Set { name, value } => {
                self.config.set(&name.value, &value.value).map_err(|error| error.at(name.position))?;
                Ok(TableResult::ok())
            }
            StatementKind::ShowSettings => show::settings(self),
            StatementKind::Reset(None) => {
                self.config.reset_all();
                Ok(TableResult::ok())
            }
            StatementKind::Reset(Some(Text { value, position })) => {
                self.config.reset(&value).map_err(|error| error.at(position))?;
                Ok(TableResult::ok())
            }
            StatementKind::Query(query) => execute::query(self, &query),
            StatementKind::Insert(insert) => execute::inserts(self, &[insert]),
            StatementKind::StatementSet(inserts) => execute::inserts(self, &inserts),
            StatementKind::Explain(explain) => execute::explain(self, &explain.of),
        }
    }

    fn create_table(&mut self, table: CreateTable, position: Position) -> Result<TableResult> {
        let name = simple_name(&table.name)?;
        if self.is_taken(&name, &table.name, table.if_not_exists)? {
            return Ok(TableResult::ok());
        }
        let names = |texts: Vec<Text>| texts.into_iter().map(|text| text.value).collect();
        let table = CatalogTable {
            name,
            columns: table.columns,
            watermark: table.watermark,
            primary_key: names(table.primary_key),
            partition_keys: names(table.partition_keys),
            comment: table.comment,
            connection: Connection::Options(table.options),
            position: Some(position),
        };
        let checked = self.connectors.check(&table.description(self.config.time_zone()));
        checked.map_err(|error| table.at_option(error).at(position))?;
        columns::check(self, &table, position)?;
        self.catalog.set_table(table);
        Ok(TableResult::ok())
    }

    fn create_view(&mut self, view: CreateView, position: Position) -> Result<TableResult> {
        let name = simple_name(&view.name)?;
        if self.is_taken(&name, &view.name, view.if_not_exists)? {
            return Ok(TableResult::ok());
        }
        let schema = with_deep_stack(|| Ok(self.planner().query(&view.query)?.schema))?;
        let (given, wanted) = (view.columns.len(), schema.fields().len());
        if given != 0 && given != wanted {
            let message = format!("view '{name}' names {given} columns, and its query gives {wanted}");
            return Err(at(Error::user(message), span_of(&view.name)));
        }
        self.catalog.set_view(View {
            name,
            columns: view.columns.into_iter().map(|column| column.value).collect(),
            query: view.query,
            comment: view.comment,
            position: Some(position),
        });
        Ok(TableResult::ok())
    }

    /// Whether a table or view of this name is there.
    fn is_taken(&self, name: &str, written: &ast::ObjectName, if_not_exists: bool) -> Result<bool> {
        match self.catalog.get(name) {
            None => Ok(false),
            Some(_) if if_not_exists => Ok(true),
            Some(relation) => {
                let kind = match relation {
                    Relation::Table(_) => "table",
                    Relation::View(_) => "view",
                };
                let error = Error::user(format!("there is a {kind} '{name}' already"));
                Err(at(error.hint("drop it first, or say IF NOT EXISTS"), span_of(written)))
            }
        }
    }

    fn create_function(&mut self, function: CreateFunction) -> Result<TableResult> {
        let name = simple_name(&function.name)?;
        let exists = self.functions.get(&name).is_some_and(|entry| !entry.built_in);
        if exists && !function.or_replace {
            if function.if_not_exists {
                return Ok(TableResult::ok());
            }
            let error = Error::user(format!("there is a function '{name}' already"));
            return Err(at(error.hint("say CREATE OR REPLACE FUNCTION"), span_of(&function.name)));
        }
        let (declaration, place, source) = declared(name, function.code, &function.options)?;
        self.register_function(declaration).map_err(|error| {
            if let (Some(within), Some(source)) = (error.position(), &source) {
                return error.moved_to(source.place(within));
            }
            let named = function.options.iter().find(|(name, _)| error.message().contains(&format!("'{name}'")));
            error.at(named.and_then(|(_, option)| option.position).unwrap_or(place))
        })?;
        Ok(TableResult::ok())
    }

    /// Loads a component's function and puts it into the catalog.
    pub fn register_function(&mut self, declaration: ComponentDeclaration) -> Result<()> {
        let name = declaration.name.clone();
        let component = ComponentFunction::load(declaration)?;
        let doc = component.signatures().join("; ");
        let function = match component.kind() {
            FunctionKind::Scalar => Function::Scalar(Arc::new(component.scalar()?)),
            FunctionKind::Table => Function::Table(Arc::new(component.table()?)),
            FunctionKind::Aggregate => Function::Aggregate(Arc::new(component.aggregate()?)),
        };
        self.functions.set(&name, function, doc);
        self.functions.set_component(&name, component);
        Ok(())
    }

    fn drop(&mut self, drop: &Drop) -> Result<TableResult> {
        let name = simple_name(&drop.name)?;
        let place = |error: Error| at(error, span_of(&drop.name));
        let kind = match drop.kind {
            ObjectKind::Table => "table",
            ObjectKind::View => "view",
            ObjectKind::Function => "function",
        };
        let found = match (drop.kind, self.catalog.get(&name)) {
            (ObjectKind::Function, _) => {
                if self.functions.get(&name).is_some_and(|entry| entry.built_in) {
                    return Err(place(Error::user(format!(
                        "function '{name}' comes with the engine and cannot be dropped"
                    ))));
                }
                self.functions.remove(&name)
            }
            (ObjectKind::Table, Some(Relation::View(_))) => {
                return Err(place(Error::user(format!("'{name}' is a view")).hint("write DROP VIEW")));
            }
            (ObjectKind::View, Some(Relation::Table(_))) => {
                return Err(place(Error::user(format!("'{name}' is a table")).hint("write DROP TABLE")));
            }
            _ => self.catalog.remove(&name).is_some(),
        };
        if found || drop.if_exists {
            return Ok(TableResult::ok());
        }
        let known: Vec<&str> = match drop.kind {
            ObjectKind::Table => self.catalog.tables().map(|table| table.name.as_str()).collect(),
            ObjectKind::View => self.catalog.views().map(|view| view.name.as_str()).collect(),
            ObjectKind::Function => {
                self.functions.entries().filter(|entry| !entry.built_in).map(|entry| entry.name.as_str()).collect()
            }
        };
        Err(place(Error::user(format!("{kind} '{name}' is not known")).hint(did_you_mean(&name, known))))
    }

    /// As DDL would declare it, for functions that a program registers.
    pub fn declaration(name: &str, component: &str, options: &[(&str, &str)]) -> ComponentDeclaration {
        ComponentDeclaration {
            name: name.to_owned(),
            code: FunctionCode::Component { export: None, path: component.to_owned() },
            options: options
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>(),
        }
    }
}

/// Refuses the declaration of a function that means nothing, before anything is loaded: its types, its options, and where its
/// component is.
pub fn check_function(function: CreateFunction) -> Result<()> {
    let (declaration, ..) = declared(simple_name(&function.name)?, function.code, &function.options)?;
    ComponentFunction::check(&declaration)
}

/// A function's declaration as the catalog has it; the place of its code, and that of its source.
fn declared(
    name: String,
    code: statement::FunctionCode,
    options: &BTreeMap<String, TableOption>,
) -> Result<(ComponentDeclaration, Position, Option<Source>)> {
    let (code, place, source) = self::code(code)?;
    let options = options.iter().map(|(name, option)| (name.clone(), option.value.clone())).collect();
    Ok((ComponentDeclaration { name, code, options }, place, source))
}

/// A function's code as the catalog has it; its place, and that of its source.
fn code(code: statement::FunctionCode) -> Result<(FunctionCode, Position, Option<Source>)> {
    let inline = match code {
        statement::FunctionCode::Component { export, path } => {
            let code = FunctionCode::Component { export: export.map(|export| export.value), path: path.value };
            return Ok((code, path.position, None));
        }
        statement::FunctionCode::Inline(inline) => inline,
    };
    let language = inline.language.value.parse().map_err(|_| {
        let error = Error::user(format!("there is no interpreter for functions in {}", inline.language.value));
        error.hint("write LANGUAGE PYTHON or JAVASCRIPT, or make a component").at(inline.language.position)
    })?;
    let named = |columns: Vec<(Text, SqlType)>| columns.into_iter().map(|(name, ty)| (name.value, ty)).collect();
    let code = FunctionCode::Inline(InlineFunction {
        language,
        parameters: named(inline.parameters),
        returns: match inline.returns {
            statement::Returns::Value(sql_type) => Returns::Value(sql_type),
            statement::Returns::Table(columns) => Returns::Table(named(columns)),
        },
        source: inline.source.text.clone(),
    });
    Ok((code, inline.source.position, Some(inline.source)))
}
