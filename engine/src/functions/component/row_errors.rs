//! Errors of the function host in the engine's terms, and rows that failed alone.

use anabranch_host::RowError;
use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::error::{Domain, Error};

/// Characters of one argument that an error shows.
const SHOWN: usize = 80;

/// An error of the host, with who has to act.
pub fn host_error(error: anabranch_host::Error) -> Error {
    let domain = match error {
        anabranch_host::Error::Option(_)
        | anabranch_host::Error::Registry(_)
        | anabranch_host::Error::Source { .. }
        | anabranch_host::Error::NoInterpreter { .. } => Domain::User,
        anabranch_host::Error::Bug(_) | anabranch_host::Error::Argument { .. } => Domain::Bug,
        _ => Domain::Function,
    };
    Error::new(domain, error.to_string())
}

/// The error of a job whose function could not add a state to a group.
pub fn merge_failed(function: &str, error: &RowError) -> Error {
    Error::function(format!("`merge` of function '{function}' failed: {}", error.message))
        .hint("no row can be left out for it, whatever its 'on-error': `merge` has to take every state")
}

/// The error of a job whose function could not give a group's value. Who knows the groups adds which.
pub fn group_failed(function: &str, error: &RowError) -> Error {
    Error::function(format!("function '{function}' gave no value for a group: {}", error.message))
        .hint("to have NULL for such groups, declare the function WITH ('on-error' = 'null')")
}

/// The error of a job whose function failed on a row: the arguments of that row are named, as a row's number in a batch
/// means nothing to a user.
pub fn row_failed(function: &str, error: &RowError, arguments: &[ArrayRef]) -> Error {
    let shown = show_row(arguments, error.row as usize);
    Error::function(format!("function '{function}' failed for {shown}: {}", error.message))
        .hint("to go on without such rows, declare the function WITH ('on-error' = 'null'), 'skip' or 'dead-letter'")
}

/// The values of a row, as errors show them: `(1, a)`.
pub fn show_row(columns: &[ArrayRef], row: usize) -> String {
    let options = FormatOptions::default().with_null("NULL");
    let shown: Vec<String> = columns
        .iter()
        .map(|column| {
            let formatted =
                ArrayFormatter::try_new(column, &options).and_then(|formatter| formatter.value(row).try_to_string());
            let text = formatted.unwrap_or_else(|_| "?".to_owned());
            match text.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        })
        .collect();
    format!("({})", shown.join(", "))
}
