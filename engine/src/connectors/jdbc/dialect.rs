//! The statements, as each database writes them.

use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};

use super::settings::Settings;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The type of a column that holds the declared one.
    pub fn column_type(self, kind: &DataType) -> String {
        let precision = |unit: &TimeUnit| match unit {
            TimeUnit::Second => 0,
            TimeUnit::Millisecond => 3,
            TimeUnit::Microsecond | TimeUnit::Nanosecond => 6,
        };
        match (self, kind) {
            (_, DataType::Boolean) => "BOOLEAN".into(),
            (Dialect::Postgres, DataType::Int8 | DataType::Int16) => "SMALLINT".into(),
            (Dialect::Postgres, DataType::Int32) => "INTEGER".into(),
            (Dialect::Postgres, DataType::Int64) => "BIGINT".into(),
            (Dialect::Postgres, DataType::Float32) => "REAL".into(),
            (Dialect::Postgres, DataType::Float64) => "DOUBLE PRECISION".into(),
            (Dialect::Postgres, DataType::Decimal128(precision, scale)) => format!("NUMERIC({precision}, {scale})"),
            (Dialect::Postgres, DataType::Binary) => "BYTEA".into(),
            (Dialect::Postgres, DataType::Date32) => "DATE".into(),
            (Dialect::Postgres, DataType::Time32(_)) => "TIME(3)".into(),
            (Dialect::Postgres, DataType::Timestamp(unit, None)) => format!("TIMESTAMP({})", precision(unit)),
            (Dialect::Postgres, DataType::Timestamp(unit, Some(_))) => {
                format!("TIMESTAMP({}) WITH TIME ZONE", precision(unit))
            }
            (Dialect::Sqlite, DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64) => "INTEGER".into(),
            (Dialect::Sqlite, DataType::Float32 | DataType::Float64) => "REAL".into(),
            // Up to 15 digits pass through a double unharmed, and sort as numbers.
            (Dialect::Sqlite, DataType::Decimal128(precision, scale)) if *precision <= 15 => {
                format!("DECIMAL({precision}, {scale})")
            }
            (Dialect::Sqlite, DataType::Binary) => "BLOB".into(),
            _ => "TEXT".into(),
        }
    }

    pub fn create_table(self, settings: &Settings) -> String {
        let mut parts: Vec<String> = settings
            .schema
            .fields()
            .iter()
            .map(|field| {
                let not_null = if field.is_nullable() { "" } else { " NOT NULL" };
                format!("{} {}{not_null}", quote(field.name()), self.column_type(field.data_type()))
            })
            .collect();
        if !settings.primary_key.is_empty() {
            parts.push(format!("PRIMARY KEY ({})", key_columns(settings).join(", ")));
        }
        format!("CREATE TABLE IF NOT EXISTS {} ({})", self.table(settings), parts.join(", "))
    }

    /// `schema.table`, quoted.
    pub fn table(self, settings: &Settings) -> String {
        match (self, settings.table.split_once('.')) {
            (Dialect::Postgres, Some((schema, table))) => format!("{}.{}", quote(schema), quote(table)),
            // The one schema of SQLite's that a table of a file is in.
            (Dialect::Sqlite, Some(("main", table))) => format!("main.{}", quote(table)),
            _ => quote(&settings.table),
        }
    }

    /// Inserts rows, or updates those whose key is there. SQLite: `rows` times a list of values; PostgreSQL: an array
    /// of texts per column, cast to the declared types.
    pub fn insert(self, settings: &Settings, rows: usize) -> String {
        let columns: Vec<String> = settings.schema.fields().iter().map(|field| quote(field.name())).collect();
        let mut sql = format!("INSERT INTO {} ({}) ", self.table(settings), columns.join(", "));
        match self {
            Dialect::Sqlite => {
                let row = format!("({})", vec!["?"; columns.len()].join(", "));
                sql.push_str(&format!("VALUES {}", vec![row.as_str(); rows].join(", ")));
            }
            Dialect::Postgres => sql.push_str(&self.unnest(settings.schema.fields().iter().map(AsRef::as_ref))),
        }
        if !settings.primary_key.is_empty() {
            let updates: Vec<String> = columns
                .iter()
                .enumerate()
                .filter(|(column, _)| !settings.primary_key.contains(column))
                .map(|(_, name)| format!("{name} = excluded.{name}"))
                .collect();
            let action =
                if updates.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", updates.join(", ")) };
            sql.push_str(&format!(" ON CONFLICT ({}) DO {action}", key_columns(settings).join(", ")));
        }
        sql
    }

    /// Deletes rows by key, with values as of [`Dialect::insert`], of the key's columns only.
    pub fn delete(self, settings: &Settings, rows: usize) -> String {
        let keys = keys_of_row(settings);
        let values = match self {
            Dialect::Sqlite => {
                let row = format!("({})", vec!["?"; keys.len()].join(", "));
                format!("VALUES {}", vec![row.as_str(); rows].join(", "))
            }
            Dialect::Postgres => self.unnest(settings.primary_key.iter().map(|&column| settings.schema.field(column))),
        };
        format!("DELETE FROM {} AS {ROW} WHERE ({}) IN ({values})", self.table(settings), keys.join(", "))
    }

    /// `SELECT a::bigint, … FROM unnest($1::text[], …)`.
    fn unnest<'a>(self, fields: impl Iterator<Item = &'a Field>) -> String {
        let (mut casts, mut arrays, mut names) = (vec![], vec![], vec![]);
        for (number, field) in fields.enumerate() {
            casts.push(match field.data_type() {
                DataType::Binary => format!("decode(c{number}, 'hex')"),
                kind => format!("c{number}::{}", self.column_type(kind)),
            });
            arrays.push(format!("${}::text[]", number + 1));
            names.push(format!("c{number}"));
        }
        format!("SELECT {} FROM unnest({}) AS given({})", casts.join(", "), arrays.join(", "), names.join(", "))
    }

    /// Reads columns as texts, from row number `offset` on.
    pub fn select(self, settings: &Settings, columns: &[usize], offset: u64) -> String {
        let texts: Vec<String> = columns
            .iter()
            .map(|&column| {
                let field = settings.schema.field(column);
                let name = of_row(&quote(field.name()));
                match (self, field.data_type()) {
                    (Dialect::Sqlite, _) => name,
                    (Dialect::Postgres, DataType::Binary) => format!("encode({name}, 'hex')"),
                    (Dialect::Postgres, DataType::Timestamp(_, Some(_))) => {
                        format!("({name}::timestamp with time zone AT TIME ZONE 'UTC')::text")
                    }
                    (Dialect::Postgres, _) => format!("{name}::text"),
                }
            })
            .collect();
        let list = if texts.is_empty() { "1".to_owned() } else { texts.join(", ") };
        let mut sql = format!("SELECT {list} FROM {} AS {ROW}", self.table(settings));
        // So that a position means the same rows after a restart.
        if !settings.primary_key.is_empty() {
            sql.push_str(&format!(" ORDER BY {}", keys_of_row(settings).join(", ")));
        }
        if offset > 0 {
            match self {
                Dialect::Sqlite => sql.push_str(&format!(" LIMIT -1 OFFSET {offset}")),
                Dialect::Postgres => sql.push_str(&format!(" OFFSET {offset}")),
            }
        }
        sql
    }
}

fn key_columns(settings: &Settings) -> Vec<String> {
    settings.primary_key.iter().map(|&column| quote(settings.schema.field(column).name())).collect()
}

/// The name that the row of a table has in a statement.
const ROW: &str = "\"row\"";

/// A column, named as one of the row: SQLite takes a name in quotes that is no column's for a text.
fn of_row(column: &str) -> String {
    format!("{ROW}.{column}")
}

fn keys_of_row(settings: &Settings) -> Vec<String> {
    key_columns(settings).iter().map(|key| of_row(key)).collect()
}

/// An identifier in double quotes, which both databases take.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
