//! `CREATE FUNCTION … WITH (…)`: what the user said of a function.

use std::collections::BTreeMap;
use std::fmt;

use anabranch_host::{FunctionKind, Interpreter, Signature};
use datafusion::arrow::datatypes::{DataType, Field};

use crate::types::{SqlType, quote_identifier};

/// A function's DDL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ComponentDeclaration {
    /// As SQL calls it.
    pub name: String,
    pub code: FunctionCode,
    /// `WITH (…)`: limits, grants, `on-error`, and options of the function's own, which begin with `option.`.
    pub options: BTreeMap<String, String>,
}

/// Where a function's code is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FunctionCode {
    /// In a component.
    Component {
        /// `AS '…'`: the function's name within the package. Without it, `name`, or the only function of the package.
        export: Option<String>,
        /// `USING COMPONENT '…'`: path of the file, or an installed package such as `behaviour@1.2`.
        path: String,
    },
    /// In the DDL itself.
    Inline(InlineFunction),
}

/// `(x BIGINT) RETURNS BIGINT LANGUAGE PYTHON AS $$ … $$`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InlineFunction {
    pub language: Interpreter,
    pub parameters: Vec<(String, SqlType)>,
    pub returns: Returns,
    pub source: String,
}

/// What an inline function gives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Returns {
    /// A value: per row, or per group if the source is an aggregate.
    Value(SqlType),
    /// Rows of these columns.
    Table(Vec<(String, SqlType)>),
}

impl InlineFunction {
    /// What the source is to define.
    pub(super) fn signature(&self, name: &str, deterministic: bool) -> Signature {
        let field = |(name, sql_type): &(String, SqlType)| sql_type.field(name).as_ref().clone();
        let (kind, result) = match &self.returns {
            Returns::Value(sql_type) => (FunctionKind::Scalar, sql_type.field("").as_ref().clone()),
            Returns::Table(columns) => {
                let columns = columns.iter().map(field).collect::<Vec<_>>();
                (FunctionKind::Table, Field::new("", DataType::Struct(columns.into()), false))
            }
        };
        Signature {
            name: name.to_owned(),
            kind,
            parameters: self.parameters.iter().map(field).collect(),
            result,
            deterministic,
            retracts: false,
            merges: false,
            doc: String::new(),
        }
    }
}

/// DDL that declares the function again.
impl fmt::Display for ComponentDeclaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CREATE FUNCTION {}", quote_identifier(&self.name))?;
        let options: Vec<String> =
            self.options.iter().map(|(name, value)| format!("  {} = {}", string(name), string(value))).collect();
        let options = match options.is_empty() {
            true => String::new(),
            false => format!("\nWITH (\n{}\n)", options.join(",\n")),
        };
        match &self.code {
            FunctionCode::Component { export, path } => {
                if let Some(export) = export {
                    write!(f, " AS {}", string(export))?;
                }
                write!(f, "\nLANGUAGE WASM USING COMPONENT {}{options}", string(path))
            }
            FunctionCode::Inline(InlineFunction { language, parameters, returns, source }) => {
                let returns = match returns {
                    Returns::Value(sql_type) => sql_type.to_string(),
                    Returns::Table(columns) => format!("TABLE {}", list(columns)),
                };
                let language = language.name().to_uppercase();
                write!(f, "{}\nRETURNS {returns}\nLANGUAGE {language}{options}\nAS ", list(parameters))?;
                match source.contains("$$") || source.ends_with('$') {
                    true => f.write_str(&string(source)),
                    false => write!(f, "$${source}$$"),
                }
            }
        }
    }
}

fn list(columns: &[(String, SqlType)]) -> String {
    let columns: Vec<String> =
        columns.iter().map(|(name, sql_type)| format!("{} {sql_type}", quote_identifier(name))).collect();
    format!("({})", columns.join(", "))
}

fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What becomes of a row whose function fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnError {
    /// The job fails; the error names the row.
    #[default]
    Fail,
    /// The result is NULL (of a table function: no rows).
    Null,
    /// The row is dropped.
    Skip,
    /// The row is dropped and goes, with the error, to the table that `dead-letter.table` names.
    DeadLetter,
}

/// Options of functions that are not limits and grants (those the host knows): name and meaning.
pub const FUNCTION_OPTIONS: &[(&str, &str)] = &[
    (
        "on-error",
        "What becomes of a row that fails: `fail` (default), `null` (of a table function: no rows), `skip`, or \
         `dead-letter`: as `skip`, and the row goes to a table. An aggregate leaves the row out under all but `fail`.",
    ),
    (
        "dead-letter.table",
        "With `'on-error' = 'dead-letter'`: the table to which rows that fail go. Its columns are some of those of \
         dead letters, by name.",
    ),
    (
        "sha256",
        "What the component must be; any other is refused. What comes from a URL is then kept, and not fetched again.",
    ),
    (
        "deterministic",
        "Of an inline function: `false` says that it may give another result for the same arguments. Default true.",
    ),
    ("option.*", "Handed to the function when it is bound, without the prefix."),
];
