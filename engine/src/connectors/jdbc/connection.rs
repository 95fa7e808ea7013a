//! A connection to either database: statements with rows of values.

use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, Executor, Postgres, Sqlite};

use super::settings::{Database, Settings};
use super::values::{self, Value};
use crate::error::{Error, Result};

/// Another writer of the same SQLite file is waited for this long.
const SQLITE_BUSY: Duration = Duration::from_secs(30);

/// SQLite takes so many values in a statement, at most.
const SQLITE_VALUES: usize = 32_000;

pub enum Connection {
    Sqlite(SqliteConnection),
    Postgres(Box<PgConnection>),
}

impl Connection {
    /// # Errors
    /// Connector errors that name the database and what to do.
    pub async fn open(settings: &Settings, writes: bool) -> Result<Self> {
        let failed = |error: sqlx::Error| {
            let hint = match (&settings.database, &error) {
                (Database::Sqlite(_), sqlx::Error::Database(refused)) if is_locked(refused.message()) => LOCKED,
                (Database::Postgres(_), sqlx::Error::Database(_)) => {
                    "check the options 'url', 'username' and 'password'"
                }
                (Database::Sqlite(_), _) => {
                    "check the option 'url': that the file is there, is one of SQLite, and may be opened"
                }
                (Database::Postgres(_), _) => {
                    "check that the server runs and accepts connections, and the option 'url'"
                }
            };
            Error::connector(format!("cannot connect to {}: {error}", settings.place())).hint(hint).caused_by(error)
        };
        let connecting = async {
            match &settings.database {
                Database::Sqlite(file) => {
                    let options = SqliteConnectOptions::new()
                        .filename(file)
                        .create_if_missing(writes && settings.create_table)
                        .read_only(!writes)
                        .busy_timeout(SQLITE_BUSY)
                        .synchronous(SqliteSynchronous::Normal)
                        .disable_statement_logging();
                    SqliteConnection::connect_with(&options).await.map(Connection::Sqlite)
                }
                Database::Postgres(options) => {
                    PgConnection::connect_with(options).await.map(|open| Connection::Postgres(Box::new(open)))
                }
            }
        };
        match tokio::time::timeout(settings.timeout, connecting).await {
            Ok(connected) => connected.map_err(failed),
            Err(_) => Err(Error::connector(format!(
                "{} did not answer within {} s",
                settings.place(),
                settings.timeout.as_secs()
            ))
            .hint(match settings.database {
                // Nothing else in a file takes time.
                Database::Sqlite(_) => LOCKED,
                Database::Postgres(_) => "check that the server runs and can be reached, and the option 'url'",
            })),
        }
    }

    pub async fn execute(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        match self {
            Connection::Sqlite(open) => open.execute(sql).await.map(|_| ()),
            Connection::Postgres(open) => open.execute(sql).await.map(|_| ()),
        }
    }

    /// Writes rows and deletes others by key, all in one transaction. `keys` has the key's columns only.
    pub async fn write(
        &mut self,
        settings: &Settings,
        rows: &RecordBatch,
        keys: &RecordBatch,
    ) -> Result<(), sqlx::Error> {
        // SQLite takes its lock at once: a transaction that begins by reading could not wait for another's.
        let begin = if matches!(self, Connection::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.execute(begin).await?;
        let written = async {
            self.run(rows, |count| settings.dialect().insert(settings, count)).await?;
            self.run(keys, |count| settings.dialect().delete(settings, count)).await?;
            self.execute("COMMIT").await
        }
        .await;
        if written.is_err() {
            // The error counts, not whether the connection still answers.
            let _ = self.execute("ROLLBACK").await;
        }
        written
    }

    /// Runs a statement over all rows, as many at once as the database takes.
    async fn run(&mut self, rows: &RecordBatch, statement: impl Fn(usize) -> String) -> Result<(), sqlx::Error> {
        let refused = |error: Error| sqlx::Error::Encode(Box::new(error));
        if rows.num_rows() == 0 {
            return Ok(());
        }
        match self {
            Connection::Sqlite(open) => {
                let at_once = (SQLITE_VALUES / rows.num_columns().max(1)).clamp(1, 500);
                let mut sql = String::new();
                let mut from = 0;
                while from < rows.num_rows() {
                    let count = at_once.min(rows.num_rows() - from);
                    if from == 0 || count < at_once {
                        sql = statement(count);
                    }
                    let mut query = sqlx::query::<Sqlite>(&sql);
                    for row in from..from + count {
                        for (number, column) in rows.columns().iter().enumerate() {
                            query = match values::value(column, row).map_err(refused)? {
                                Value::Null => query.bind(None::<i64>),
                                Value::Integer(value) => query.bind(value),
                                Value::Double(value) if value.is_nan() => {
                                    let name = rows.schema_ref().field(number).name();
                                    let what =
                                        format!("column `{name}` is NaN, which SQLite has not: it would be NULL");
                                    return Err(refused(Error::user(what)));
                                }
                                Value::Double(value) => query.bind(value),
                                Value::Text(value) => query.bind(value),
                                Value::Bytes(value) => query.bind(value),
                            };
                        }
                    }
                    query.execute(&mut *open).await?;
                    from += count;
                }
            }
            Connection::Postgres(open) => {
                let sql = statement(rows.num_rows());
                let mut query = sqlx::query::<Postgres>(&sql);
                for column in rows.columns() {
                    let texts = (0..rows.num_rows())
                        .map(|row| values::text(column, row))
                        .collect::<Result<Vec<_>>>()
                        .map_err(refused)?;
                    query = query.bind(texts);
                }
                query.execute(&mut **open).await?;
            }
        }
        Ok(())
    }
}

/// Whether it will say so again: of a statement that does not fit the table, or of a row that breaks a constraint.
fn is_final(settings: &Settings, code: &str) -> bool {
    match settings.database {
        // The lowest byte of SQLite's extended codes: SQLITE_ERROR, SQLITE_CONSTRAINT and SQLITE_MISMATCH.
        Database::Sqlite(_) => code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 1 | 19 | 20)),
        // Classes of SQLSTATE: data exceptions, violated constraints, syntax and access rules.
        Database::Postgres(_) => ["22", "23", "42"].iter().any(|class| code.starts_with(class)),
    }
}

const LOCKED: &str =
    "another program keeps the file locked: let it end its transaction, or set the file's journal_mode to WAL";

/// SQLITE_BUSY and its extended codes.
fn is_locked(text: &str) -> bool {
    text.starts_with("database is locked")
}

/// What [`failure`] is told of scans, which make no tables.
pub const READ: &str = "read";

/// What a database refused, with who has to act.
pub fn failure(settings: &Settings, what: &str, error: sqlx::Error) -> Error {
    let place = settings.place();
    let table = &settings.table;
    match error {
        sqlx::Error::Encode(inner) => match inner.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => Error::bug(other.to_string()),
        },
        sqlx::Error::Database(refused) => {
            let text = refused.message().to_owned();
            let code = refused.code().unwrap_or_default().into_owned();
            let missing = code == "42P01" || text.starts_with("no such table");
            let locked = matches!(settings.database, Database::Sqlite(_)) && is_locked(&text);
            let no_key = code == "42P10" || text.contains("ON CONFLICT clause does not match");
            let hint = if missing && what == READ {
                "check the option 'table-name', or create the table"
            } else if missing {
                "create the table, or set 'create-table' to 'true'"
            } else if no_key {
                "the table in the database needs a PRIMARY KEY or UNIQUE constraint on the declared key"
            } else if locked {
                LOCKED
            } else {
                "compare the declared columns with those of the table in the database"
            };
            let message = format!("{place} refused to {what} the table `{table}`: {text}");
            let error = if is_final(settings, &code) { Error::user(message) } else { Error::connector(message) };
            error.hint(hint).caused_by(sqlx::Error::Database(refused))
        }
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            Error::connector(format!("{place} gave what is no text in UTF-8, of the table `{table}`: {error}"))
                .hint("declare the column BYTES")
                .caused_by(error)
        }
        other => Error::connector(format!("lost the connection to {place} while it was to {what} `{table}`: {other}"))
            .hint("check that the server runs and can be reached")
            .caused_by(other),
    }
}
