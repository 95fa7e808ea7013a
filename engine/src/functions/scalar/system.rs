//! What is not a value of its arguments: names that are new, and those of types.

use std::sync::Arc;

use datafusion::arrow::array::StringArray;
use datafusion::arrow::datatypes::DataType;

use super::function::{Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use crate::types::sql_type;

const UUID: Definition = Definition::new(
    Family::System,
    "UUID",
    "UUID()",
    "A random UUID (version 4), for each row.",
    ("CHAR_LENGTH(UUID())", "36"),
    Parameters::Of(&[], 0),
    returns!(DataType::Utf8),
    |call| call.delegate(&datafusion::functions::string::uuid(), vec![]),
)
.volatile();

const TYPEOF: Definition = Definition::new(
    Family::System,
    "TYPEOF",
    "TYPEOF(value)",
    "The SQL type of a value.",
    ("TYPEOF(1.5)", "DECIMAL(2, 1) NOT NULL"),
    Parameters::Of(&[Kind::Any], 1),
    returns!(DataType::Utf8),
    |call| {
        let name = call.types().first().map(|data_type| sql_type(data_type)).unwrap_or_default();
        let nullable = call.arguments.arg_fields.first().is_none_or(|field| field.is_nullable());
        let name = if nullable { name } else { name + " NOT NULL" };
        Ok(Arc::new(StringArray::from(vec![name; call.rows])))
    },
);

pub const DEFINITIONS: &[&Definition] = &[&UUID, &TYPEOF];
