//! SQL types and their Arrow forms.
//!
//! | SQL | Arrow |
//! |---|---|
//! | BOOLEAN, TINYINT … BIGINT, FLOAT, DOUBLE | Boolean, Int8 … Int64, Float32, Float64 |
//! | DECIMAL(p, s) | Decimal128(p, s) |
//! | CHAR(n), VARCHAR(n), STRING | Utf8 |
//! | BINARY(n), VARBINARY(n), BYTES | Binary |
//! | DATE, TIME(p) | Date32, Time32(Millisecond) |
//! | TIMESTAMP(p), TIMESTAMP_LTZ(p) | Timestamp, without zone and in UTC; the unit that holds p digits |
//! | INTERVAL of years and months, of days to seconds | Interval(YearMonth), Duration(Millisecond) |
//! | ARRAY, MAP, ROW | List (field `item`), Map, Struct |

pub mod calendar;
mod parse;
pub mod zone;

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, IntervalUnit, TimeUnit};
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::Token;

use self::parse::TypeDialect;
use crate::error::{Error, Result, parser_error};

pub use parse::parse_type;

/// The zone of every TIMESTAMP_LTZ column.
pub const UTC: &str = "UTC";

/// Why a timestamp may not fit into a TIMESTAMP(7) to TIMESTAMP(9).
pub const NANOSECONDS_END: &str = "with more than 6 digits after the second, a timestamp is one of the years 1677 to 2262; with at most 6, of any year";

/// Types as the reference page lists them: how they are written, how they are held.
pub const SUPPORTED: &[(&str, &str)] = &[
    ("BOOLEAN", "Boolean"),
    ("TINYINT, SMALLINT, INT (INTEGER), BIGINT", "Int8, Int16, Int32, Int64"),
    ("FLOAT, DOUBLE (DOUBLE PRECISION)", "Float32, Float64"),
    ("DECIMAL(p, s) (DEC, NUMERIC), p from 1 to 38, default (10, 0)", "Decimal128(p, s)"),
    ("CHAR(n), VARCHAR(n), STRING", "Utf8"),
    ("BINARY(n), VARBINARY(n), BYTES", "Binary"),
    ("DATE", "Date32"),
    ("TIME(p)", "Time32(Millisecond)"),
    (
        "TIMESTAMP(p), p from 0 to 9, default 6; with p from 7 on, only of the years 1677 to 2262",
        "Timestamp of seconds, milli-, micro- or nanoseconds, by p",
    ),
    ("TIMESTAMP_LTZ(p) (TIMESTAMP(p) WITH LOCAL TIME ZONE), p as above", "Timestamp in UTC, unit by p"),
    ("INTERVAL YEAR, MONTH, YEAR TO MONTH", "Interval(YearMonth)"),
    ("INTERVAL DAY, HOUR, MINUTE, SECOND, DAY TO SECOND …", "Duration(Millisecond)"),
    ("ARRAY<t>", "List"),
    ("MAP<k, v>", "Map"),
    ("ROW<name t, …>", "Struct"),
];

/// A type as SQL declares it. More than its Arrow form: `VARCHAR(3)` and `STRING` are both Utf8.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SqlType {
    /// As Flink prints it, without NOT NULL: `ROW<a INT NOT NULL, b VARCHAR(3)>`.
    pub text: String,
    pub data_type: DataType,
    pub nullable: bool,
    /// What it says of its values that its Arrow type does not.
    pub limit: Option<Limit>,
}

/// What the number in a type's parentheses says of its values, where the Arrow type does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// All values have this length: CHAR(n), BINARY(n).
    Length(u32),
    /// No value is longer: VARCHAR(n), VARBINARY(n).
    MaxLength(u32),
    /// Digits of the second: TIME(p), TIMESTAMP(p), TIMESTAMP_LTZ(p).
    Digits(u32),
}

impl SqlType {
    fn new(text: impl Into<String>, data_type: DataType) -> Self {
        SqlType { text: text.into(), data_type, nullable: true, limit: None }
    }

    /// A type with its limit in parentheses.
    fn limited(name: &str, limit: Limit, data_type: DataType) -> Self {
        let (Limit::Length(number) | Limit::MaxLength(number) | Limit::Digits(number)) = limit;
        SqlType { limit: Some(limit), ..Self::new(format!("{name}({number})"), data_type) }
    }

    /// The SQL type that an Arrow type stands for, nullable.
    pub fn of(data_type: &DataType) -> Self {
        let limit = match data_type {
            DataType::Timestamp(unit, _) => Some(Limit::Digits(digits(*unit))),
            _ => None,
        };
        SqlType { limit, ..Self::new(sql_type(data_type), data_type.clone()) }
    }

    /// A type from its text.
    ///
    /// # Errors
    /// User errors with the place in `text`.
    pub fn parse(text: &str) -> Result<Self> {
        let dialect = TypeDialect;
        let mut parser = Parser::new(&dialect).try_with_sql(text)?;
        let parsed = parse_type(&mut parser)?;
        match parser.peek_token_ref() {
            token if token.token == Token::EOF => Ok(parsed),
            token => {
                Err(parser_error(format!("expected the end of the type, found {}", token.token), token.span.start)
                    .into())
            }
        }
    }

    /// As a field of this name.
    pub fn field(&self, name: &str) -> FieldRef {
        Arc::new(Field::new(name, self.data_type.clone(), self.nullable))
    }

    /// For a syntax tree of sqlparser: the text in a custom type, which [`from_ast`] reads back.
    pub fn to_ast(&self) -> ast::DataType {
        ast::DataType::Custom(ast::ObjectName::from(vec![ast::Ident::new(self.text.clone())]), vec![])
    }
}

/// With NOT NULL where it applies.
impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.text, if self.nullable { "" } else { " NOT NULL" })
    }
}

/// The type in a syntax tree: those of our CAST, and the ones of typed literals (`DATE '…'`).
///
/// # Errors
/// User errors for types that Flink SQL does not have.
pub fn from_ast(data_type: &ast::DataType) -> Result<SqlType> {
    match data_type {
        ast::DataType::Custom(name, modifiers) if modifiers.is_empty() => match name.0.as_slice() {
            [ast::ObjectNamePart::Identifier(text)] => SqlType::parse(&text.value),
            _ => Err(Error::user(format!("{name} is not a type"))),
        },
        other => SqlType::parse(&other.to_string()),
    }
}

/// The SQL type of an Arrow type as Flink prints it, without NOT NULL at the top.
pub fn sql_type(data_type: &DataType) -> String {
    let nested = |field: &FieldRef| {
        format!("{}{}", sql_type(field.data_type()), if field.is_nullable() { "" } else { " NOT NULL" })
    };
    match data_type {
        DataType::Null => "NULL".into(),
        DataType::Boolean => "BOOLEAN".into(),
        DataType::Int8 => "TINYINT".into(),
        DataType::Int16 => "SMALLINT".into(),
        DataType::Int32 => "INT".into(),
        DataType::Int64 => "BIGINT".into(),
        DataType::Float32 => "FLOAT".into(),
        DataType::Float64 => "DOUBLE".into(),
        DataType::Decimal128(precision, scale) => format!("DECIMAL({precision}, {scale})"),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "STRING".into(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "BYTES".into(),
        DataType::Date32 => "DATE".into(),
        DataType::Time32(_) | DataType::Time64(_) => "TIME(0)".into(),
        DataType::Timestamp(unit, None) => format!("TIMESTAMP({})", digits(*unit)),
        DataType::Timestamp(unit, Some(_)) => format!("TIMESTAMP_LTZ({})", digits(*unit)),
        DataType::Interval(IntervalUnit::YearMonth) => "INTERVAL YEAR TO MONTH".into(),
        DataType::Duration(_) | DataType::Interval(_) => "INTERVAL DAY TO SECOND(3)".into(),
        DataType::List(item) | DataType::LargeList(item) => format!("ARRAY<{}>", nested(item)),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                format!("MAP<{}, {}>", sql_type(fields[0].data_type()), nested(&fields[1]))
            }
            _ => "MAP".into(),
        },
        DataType::Struct(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|field| format!("{} {}", quote_identifier(field.name()), nested(field))).collect();
            format!("ROW<{}>", fields.join(", "))
        }
        other => other.to_string(),
    }
}

/// Backquoted, as Flink prints names.
pub fn quote_identifier(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The field of an ARRAY's items.
pub fn list_of(item: DataType, nullable: bool) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, nullable)))
}

/// A MAP; keys are never NULL in Arrow.
pub fn map_of(key: DataType, value: DataType, value_nullable: bool) -> DataType {
    let entries = Fields::from(vec![Field::new("key", key, false), Field::new("value", value, value_nullable)]);
    DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries), false)), false)
}

/// TIMESTAMP_LTZ of a unit.
pub fn timestamp_ltz(unit: TimeUnit) -> DataType {
    DataType::Timestamp(unit, Some(UTC.into()))
}

/// The unit that holds a TIMESTAMP(p).
pub fn time_unit(precision: u32) -> TimeUnit {
    match precision {
        0 => TimeUnit::Second,
        1..=3 => TimeUnit::Millisecond,
        4..=6 => TimeUnit::Microsecond,
        _ => TimeUnit::Nanosecond,
    }
}

fn digits(unit: TimeUnit) -> u32 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_types_parse_to_themselves() {
        for text in
            ["ROW<`a` INT, `b` ARRAY<BIGINT NOT NULL>>", "MAP<STRING, DECIMAL(3, 1)>", "TIMESTAMP_LTZ(3)", "BYTES"]
        {
            let parsed = SqlType::parse(text).unwrap();
            assert_eq!(SqlType::of(&parsed.data_type), parsed, "{text}");
            assert_eq!(from_ast(&parsed.to_ast()).unwrap(), parsed);
        }
    }
}
