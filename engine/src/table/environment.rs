//! `TableEnvironment`: the entry to everything.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::sql::sqlparser::ast;

use super::elements::{Row, values};
use super::execute::{self, CompiledJob};
use super::interrupt::Interrupt;
use super::result::TableResult;
use super::session::Session;
use super::stack::with_deep_stack;
use super::statement_set::StatementSet;
use super::table::Table;
use crate::connectors::{Connector, Source};
use crate::error::{Error, Position, Result};
use crate::plan::OnConflict;
use crate::plan::catalog::{CatalogTable, Column, ColumnKind, Connection, View, simple_name};
use crate::sql::statement::{Explained, Insert, Statement, StatementKind};
use crate::sql::{parse_query, parse_script, parse_statement};
use crate::types::SqlType;

/// A session: tables, views, functions and options, and the two front doors to run queries over them, SQL and [`Table`].
/// Clones are the same session.
///
/// ```no_run
/// # fn main() -> anabranch::Result<()> {
/// let t_env = anabranch::table::TableEnvironment::new();
/// t_env.execute_sql("CREATE TABLE mySource (word STRING) WITH ('connector' = 'filesystem', 'path' = 'words.csv', 'format' = 'csv')")?;
/// t_env.execute_sql("CREATE TABLE mySink (word STRING, cnt BIGINT) WITH ('connector' = 'print')")?;
/// t_env.scan("mySource").group_by("word").select("word, count(1)").insert_into("mySink")?;
/// t_env.execute("word count")?.wait()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TableEnvironment {
    session: Arc<Mutex<Session>>,
    /// The session's own, which can be used while a statement holds the session.
    interrupt: Interrupt,
}

impl Default for TableEnvironment {
    fn default() -> Self {
        Self::new()
    }
}

impl TableEnvironment {
    /// An empty session with the default options, the built-in functions and connectors.
    pub fn new() -> Self {
        let session = Session::new();
        let interrupt = session.interrupt.clone();
        TableEnvironment { session: Arc::new(Mutex::new(session)), interrupt }
    }

    fn lock(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session as it is now.
    pub(super) fn snapshot(&self) -> Session {
        self.lock().clone()
    }

    /// Executes one statement. An INSERT's job has been started when this returns (and has ended, with
    /// `'table.dml-sync' = 'true'`); a query's rows come by the result.
    ///
    /// # Errors
    /// User errors with their places in the text: see [`crate::sql::render`]. What goes wrong while a job runs is told by
    /// the result.
    pub fn execute_sql(&self, sql: &str) -> Result<TableResult> {
        let statement = with_deep_stack(|| parse_statement(sql))?;
        self.execute_statement(statement)
    }

    /// Executes the statements of a script in turn and gives each result to `show`, which waits for the job of an INSERT
    /// where the next statement depends on it. Nothing runs unless all of the script can be parsed.
    ///
    /// # Errors
    /// As [`TableEnvironment::execute_sql`], and those of the jobs and of `show`.
    pub fn execute_script(&self, sql: &str, mut show: impl FnMut(&Statement, TableResult) -> Result<()>) -> Result<()> {
        for statement in self.parse(sql)? {
            let result = self.execute_statement(statement.clone())?;
            show(&statement, result)?;
        }
        Ok(())
    }

    /// The statements of a script, for callers that execute them one by one.
    ///
    /// # Errors
    /// User errors with their places in the text.
    pub fn parse(&self, sql: &str) -> Result<Vec<Statement>> {
        with_deep_stack(|| parse_script(sql))
    }

    /// Executes a statement that was parsed.
    ///
    /// # Errors
    /// As [`TableEnvironment::execute_sql`].
    pub fn execute_statement(&self, statement: Statement) -> Result<TableResult> {
        // Only statements that change the session hold it, so that a long job does not.
        match &statement.kind {
            StatementKind::Query(_)
            | StatementKind::Insert(_)
            | StatementKind::StatementSet(_)
            | StatementKind::Explain(_)
            | StatementKind::Show(_)
            | StatementKind::Describe(_)
            | StatementKind::DescribeFunction(_)
            | StatementKind::ShowSettings => self.snapshot().execute(statement),
            _ => self.lock().execute(statement),
        }
    }

    /// Ends what statements of this session are running in other threads, and what queries in batch mode are doing. A job
    /// in batch mode, of whose rows all are wanted or none, is cancelled: its sinks take back what they have not
    /// committed. A streaming one that its statement waits for (`'table.dml-sync' = 'true'`) stops, so that what has been
    /// read is written. The job's summary tells of it. Other streaming jobs have handles.
    pub fn interrupt(&self) {
        self.interrupt.interrupt();
    }

    /// Executes all statements of a script but the last, which is an INSERT or a statement set, and plans that one
    /// without starting it: for callers that run the job themselves, from a snapshot or by another clock.
    ///
    /// # Errors
    /// As [`TableEnvironment::execute_script`], and where the last statement is another.
    pub fn compile_sql(&self, sql: &str) -> Result<CompiledJob> {
        let mut statements = self.parse(sql)?;
        let last = statements.pop().ok_or_else(|| Error::user("expected a statement, found nothing"))?;
        for statement in statements {
            self.execute_statement(statement)?.wait()?;
        }
        match &last.kind {
            StatementKind::Insert(insert) => execute::compile(&self.snapshot(), std::slice::from_ref(insert)),
            StatementKind::StatementSet(inserts) => execute::compile(&self.snapshot(), inserts),
            _ => Err(Error::user("expected INSERT INTO or a statement set").at(last.position)),
        }
    }

    /// A table from a query.
    ///
    /// # Errors
    /// User errors with their places in the text.
    pub fn sql_query(&self, sql: &str) -> Result<Table> {
        let query = with_deep_stack(|| parse_query(sql))?;
        let session = self.snapshot();
        with_deep_stack(|| session.planner().query(&query).map(|_| ()))?;
        Ok(Table::new(self.clone(), Ok(query)))
    }

    /// A table or view by its name.
    pub fn from_path(&self, path: &str) -> Table {
        Table::scan(self.clone(), path)
    }

    /// [`TableEnvironment::from_path`], under the name that Flink 1.9 has for it.
    pub fn scan(&self, path: &str) -> Table {
        self.from_path(path)
    }

    /// A table of these rows, with columns of these names. Types follow from the Rust types: `i32` is INT, `i64` BIGINT,
    /// `f32` FLOAT, `f64` DOUBLE, `bool` BOOLEAN, `&str` and `String` STRING; `None` is NULL.
    ///
    /// ```
    /// # let t_env = anabranch::table::TableEnvironment::new();
    /// let words = t_env.from_elements([("a", 1_i64), ("b", 2)], ["word", "n"]);
    /// ```
    pub fn from_elements<R: Row>(
        &self,
        rows: impl IntoIterator<Item = R>,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Table {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        Table::new(self.clone(), values(rows, &names))
    }

    /// A temporary view of a table. The path is one as SQL writes it, with a name in backticks where it is no plain one:
    /// `` `my view` ``.
    ///
    /// # Errors
    /// User errors: the table's own, a path that is none, and a name that is taken.
    pub fn create_temporary_view(&self, path: &str, table: &Table) -> Result<()> {
        let name = name_of(path)?;
        let query = table.query()?;
        let mut session = self.lock();
        with_deep_stack(|| session.planner().query(&query).map(|_| ()))?;
        if session.catalog.get(&name).is_some() {
            return Err(Error::user(format!("there is a table or view '{name}' already")).hint("drop it first"));
        }
        session.catalog.set_view(View { name, columns: vec![], query, comment: None, position: None });
        Ok(())
    }

    /// A temporary table whose rows come from a source of the program's own; its columns are those of the source. The path
    /// is as that of [`TableEnvironment::create_temporary_view`].
    ///
    /// # Errors
    /// User errors for a path that is none, and a name that is taken.
    pub fn create_temporary_table(&self, path: &str, source: Arc<dyn Source>) -> Result<()> {
        let name = name_of(path)?;
        let mut session = self.lock();
        if session.catalog.get(&name).is_some() {
            return Err(Error::user(format!("there is a table or view '{name}' already")).hint("drop it first"));
        }
        let schema = source.schema();
        let columns = schema.fields().iter().map(|field| Column {
            name: field.name().clone(),
            kind: ColumnKind::Physical(SqlType { nullable: field.is_nullable(), ..SqlType::of(field.data_type()) }),
            comment: None,
            position: None,
        });
        let table = CatalogTable {
            name,
            columns: columns.collect(),
            watermark: None,
            primary_key: vec![],
            partition_keys: vec![],
            comment: None,
            connection: Connection::Source(source),
            position: None,
        };
        session.catalog.set_table(table);
        Ok(())
    }

    /// Registers a function of a WebAssembly component under its name in the component, or another where the component
    /// has only one function. As `CREATE FUNCTION name LANGUAGE WASM USING COMPONENT 'component'`.
    ///
    /// # Errors
    /// User errors for a missing file or function, function errors for a component that cannot be loaded.
    pub fn register_wasm_function(&self, name: &str, component: impl AsRef<Path>) -> Result<()> {
        self.register_wasm_function_with(name, component, &[])
    }

    /// As [`TableEnvironment::register_wasm_function`], with options of the function's DDL: limits, grants, `on-error`.
    ///
    /// # Errors
    /// Also user errors for options that are not known.
    pub fn register_wasm_function_with(
        &self,
        name: &str,
        component: impl AsRef<Path>,
        options: &[(&str, &str)],
    ) -> Result<()> {
        let declaration = Session::declaration(name, &component.as_ref().to_string_lossy(), options);
        self.lock().register_function(declaration)
    }

    /// Adds a connector of the program's own: `'connector' = '<its name>'`.
    pub fn register_connector(&self, connector: Arc<dyn Connector>) {
        self.lock().connectors.register(connector);
    }

    /// Sets an option, as SET does.
    ///
    /// # Errors
    /// User errors for unknown options and values that do not fit.
    pub fn set(&self, name: &str, value: &str) -> Result<()> {
        self.lock().config.set(name, value)
    }

    /// An option's value.
    ///
    /// # Errors
    /// User errors for unknown options.
    pub fn get(&self, name: &str) -> Result<String> {
        self.lock().config.get(name).map(str::to_owned)
    }

    /// The session's options.
    pub fn config(&self) -> crate::config::Config {
        self.lock().config.clone()
    }

    /// Several INSERTs that become one job.
    pub fn create_statement_set(&self) -> StatementSet {
        StatementSet::new(self.clone())
    }

    /// Starts one job of all that [`Table::insert_into`] has asked for since the last call. Whatever comes of it, they are
    /// not asked for any more: one that cannot be planned would be in the way of all that follow.
    ///
    /// # Errors
    /// User errors: those of the inserts, and where there are none.
    pub fn execute(&self, job_name: &str) -> Result<TableResult> {
        let (mut session, inserts) = {
            let mut session = self.lock();
            let inserts = std::mem::take(&mut session.pending);
            (session.clone(), inserts)
        };
        if inserts.is_empty() {
            return Err(Error::user("there is nothing to execute").hint("call insert_into on a table first"));
        }
        session.config.set("pipeline.name", job_name)?;
        execute::inserts(&session, &inserts)
    }

    pub(super) fn add_insert(&self, insert: Insert) {
        self.lock().pending.push(insert);
    }

    pub(super) fn run_inserts(&self, inserts: &[Insert]) -> Result<TableResult> {
        execute::inserts(&self.snapshot(), inserts)
    }

    pub(super) fn run_query(&self, query: &ast::Query) -> Result<TableResult> {
        execute::query(&self.snapshot(), query)
    }

    pub(super) fn explain(&self, explained: &Explained) -> Result<String> {
        execute::explain_text(&self.snapshot(), explained)
    }
}

/// The name of a table or view in the catalog, from a path as [`TableEnvironment::from_path`] takes it.
fn name_of(path: &str) -> Result<String> {
    simple_name(&super::table::object_name(path)?)
}

/// An INSERT that no text stands behind.
pub(super) fn insert(path: &str, query: Box<ast::Query>) -> Result<Insert> {
    Ok(Insert {
        table: super::table::object_name(path)?,
        columns: vec![],
        query,
        on_conflict: OnConflict::default(),
        position: Position { line: 1, column: 1 },
    })
}
