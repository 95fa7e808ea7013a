//! The options of one table: which database, how to reach it.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use datafusion::arrow::datatypes::SchemaRef;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use super::dialect::Dialect;
use super::values;
use crate::connectors::{Options, TableDescription};
use crate::error::{Error, Result};

/// A table of a database.
#[derive(Debug, Clone)]
pub struct Settings {
    pub database: Database,
    /// As the user named it: `schema.table`.
    pub table: String,
    pub schema: SchemaRef,
    /// Indices of the key's columns.
    pub primary_key: Vec<usize>,
    pub create_table: bool,
    pub timeout: Duration,
}

#[derive(Debug, Clone)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl Settings {
    pub fn new(table: &TableDescription) -> Result<Self> {
        let options = Options::new(&table.options);
        let url = options.required("url")?;
        let database = if let Some(file) = url.strip_prefix("jdbc:sqlite:") {
            if file.is_empty() || file.starts_with(":memory:") {
                return Err(Error::user(format!("option 'url' = '{url}' names no file"))
                    .hint("write 'jdbc:sqlite:FILE'; a database in memory would be gone with the job"));
            }
            let path = file.strip_prefix("file:").unwrap_or(file);
            if let (true, Some((_, parameters))) = (path != file, path.split_once('?')) {
                return Err(Error::user(format!("option 'url': the parameters '?{parameters}' are not supported"))
                    .hint("leave them out: sources open the file for reading only"));
            }
            Database::Sqlite(PathBuf::from(path))
        } else if url.starts_with("jdbc:postgresql:") {
            let mut connect = PgConnectOptions::from_str(url.trim_start_matches("jdbc:")).map_err(|error| {
                Error::user(format!("option 'url' is no PostgreSQL URL: {error}"))
                    .hint("write 'jdbc:postgresql://host:5432/database'")
            })?;
            if let Some(username) = options.get("username") {
                connect = connect.username(username);
            }
            if let Some(password) = options.get("password") {
                connect = connect.password(password);
            }
            Database::Postgres(Box::new(connect.application_name("anabranch").disable_statement_logging()))
        } else {
            // The rest may hold a password.
            let kind: Vec<&str> = url.split(':').take(2).collect();
            return Err(Error::user(format!("option 'url' = '{}…' names no known database", kind.join(":")))
                .hint("known are 'jdbc:sqlite:FILE' and 'jdbc:postgresql://host:port/database'"));
        };
        for field in table.schema.fields() {
            values::check(field)?;
        }
        let create_table = options.boolean("create-table", matches!(database, Database::Sqlite(_)))?;
        Ok(Settings {
            database,
            table: options.required("table-name")?.to_owned(),
            schema: table.schema.clone(),
            primary_key: table.primary_key.clone(),
            create_table,
            timeout: options.duration("connection.max-retry-timeout")?.unwrap_or(Duration::from_secs(60)),
        })
    }

    pub fn dialect(&self) -> Dialect {
        match self.database {
            Database::Sqlite(_) => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The database as an error names it; no password.
    pub fn place(&self) -> String {
        match &self.database {
            Database::Sqlite(file) => format!("the SQLite database '{}'", file.display()),
            Database::Postgres(options) => format!(
                "the PostgreSQL database '{}' at {}:{}",
                options.get_database().unwrap_or_else(|| options.get_username()),
                options.get_host(),
                options.get_port()
            ),
        }
    }
}
