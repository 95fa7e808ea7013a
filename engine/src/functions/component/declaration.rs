//! `CREATE FUNCTION … USING COMPONENT … WITH (…)`: what the user said of a function.

use std::collections::BTreeMap;

/// A function's DDL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ComponentDeclaration {
    /// As SQL calls it.
    pub name: String,
    /// `AS '…'`: the function's name within the package. Without it, `name`, or the only function of the package.
    pub export: Option<String>,
    /// `USING COMPONENT '…'`: path of the file, an installed package such as `behaviour@1.2`, or a URL.
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
}

/// Options of functions that are not limits and grants (those the host knows): name and meaning.
pub const FUNCTION_OPTIONS: &[(&str, &str)] = &[
    ("on-error", "What becomes of a row that fails: `fail` (default), `null`, or `skip`."),
    (
        "sha256",
        "What the component must be; any other is refused. What comes from a URL is then kept, and not fetched again.",
    ),
    ("option.*", "Handed to the function when it is bound, without the prefix."),
];
