//! `CREATE FUNCTION … USING COMPONENT … WITH (…)`: what the user said of a function.

use std::collections::BTreeMap;

/// A function's DDL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ComponentDeclaration {
    /// As SQL calls it.
    pub name: String,
    /// `AS '…'`: the function's name within the package. Without it, `name`, or the only function of the package.
    pub export: Option<String>,
    /// `USING COMPONENT '…'`: path of the file, or an installed package such as `behaviour@1.2`.
    pub path: String,
    /// `WITH (…)`: limits, grants, `on-error`, and options of the function's own, which begin with `option.`.
    pub options: BTreeMap<String, String>,
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
    ("sha256", "What the component's file must be; any other is refused."),
    ("option.*", "Handed to the function when it is bound, without the prefix."),
];
