//! Several INSERTs as one job.

use super::environment::{TableEnvironment, insert};
use super::result::TableResult;
use super::stack::with_deep_stack;
use super::table::Table;
use crate::error::{Error, Result};
use crate::sql::parse_statement;
use crate::sql::statement::{Explained, Insert, StatementKind};

/// Several INSERTs that become one job, which reads what they share once.
#[derive(Debug, Clone)]
pub struct StatementSet {
    environment: TableEnvironment,
    inserts: Vec<Insert>,
}

impl StatementSet {
    pub(super) fn new(environment: TableEnvironment) -> Self {
        StatementSet { environment, inserts: vec![] }
    }

    /// Adds an INSERT in SQL.
    ///
    /// # Errors
    /// User errors with their places in the text.
    pub fn add_insert_sql(&mut self, sql: &str) -> Result<&mut Self> {
        let statement = with_deep_stack(|| parse_statement(sql))?;
        match statement.kind {
            StatementKind::Insert(insert) => self.inserts.push(insert),
            _ => return Err(Error::user("expected INSERT INTO").at(statement.position)),
        }
        Ok(self)
    }

    /// Adds the writing of a table's rows to the table `path`.
    ///
    /// # Errors
    /// The table's, and those of the name.
    pub fn add_insert(&mut self, path: &str, table: &Table) -> Result<&mut Self> {
        self.inserts.push(insert(path, table.query()?)?);
        Ok(self)
    }

    /// The plan as text.
    ///
    /// # Errors
    /// User errors of the inserts.
    pub fn explain(&self) -> Result<String> {
        self.environment.explain(&Explained::StatementSet(self.inserts.clone()))
    }

    /// Starts the job.
    ///
    /// # Errors
    /// User errors of the inserts, and where there are none.
    pub fn execute(self) -> Result<TableResult> {
        match self.inserts.is_empty() {
            true => Err(Error::user("the statement set is empty").hint("add an INSERT first")),
            false => self.environment.run_inserts(&self.inserts),
        }
    }
}
