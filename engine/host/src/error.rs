//! What can go wrong between the host and a function package, and who has to act.

use std::fmt;
use std::time::Duration;

/// The result of everything the host does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the host. Each variant says what went wrong in words that the reader can act upon; those that come out
/// of a running guest carry its last words (see [`LastWords`]).
///
/// Row numbers are rows of the call, from 0.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The file cannot be read, is no component, or does not compile.
    #[error("cannot load {package}: {reason}")]
    Load { package: String, reason: String },

    /// The package is larger than the limit `max-module-size`.
    #[error("cannot load {package}: it has {size} bytes, more than the limit of {limit} (option 'max-module-size')")]
    TooLarge { package: String, size: u64, limit: u64 },

    /// The package imports what no function is given.
    #[error("cannot load {package}: it imports `{import}`, which functions are not given ({hint})")]
    Import { package: String, import: String, hint: String },

    /// The package was built for another version of the contract, or for another contract.
    #[error("cannot load {package}: {found}, but this host calls `{wanted}`")]
    Contract { package: String, found: String, wanted: String },

    /// What the package says about itself makes no sense.
    #[error("{package} describes itself wrongly: {reason}")]
    Metadata { package: String, reason: String },

    /// An option or limit in a function's DDL is not understood.
    #[error("{0}")]
    Option(String),

    /// A registry of packages has not what is asked of it.
    #[error("{0}")]
    Registry(String),

    /// The function cannot stand where the plan puts it.
    #[error("cannot bind function '{function}': {reason}{words}")]
    Bind { function: String, reason: String, words: LastWords },

    /// The source of an inline function defines none.
    #[error("cannot define function '{function}': {message}{words}")]
    Source {
        function: String,
        message: String,
        /// Where in the source, from 1; 0 where there is no such place.
        line: u32,
        column: u32,
        words: LastWords,
    },

    /// The interpreter of a language is not installed.
    #[error("the interpreter for inline functions in {language} is not installed: run `{command}`")]
    NoInterpreter {
        language: String,
        /// What installs it.
        command: String,
        /// Where it was looked for.
        looked_in: Vec<std::path::PathBuf>,
    },

    /// The caller sent columns that are not those of the binding.
    #[error("cannot call function '{function}': {reason}")]
    Argument { function: String, reason: String },

    /// The guest trapped: a panic, an `unreachable`, a division by zero, an access out of bounds.
    #[error("function '{function}' trapped{}: {reason}{words}", at_row(*.row))]
    Trap {
        function: String,
        /// The row that traps alone on a fresh instance, where there is one.
        row: Option<u32>,
        reason: String,
        words: LastWords,
    },

    /// A call took longer than the limit `timeout`.
    #[error(
        "function '{function}' ran longer than {}{} (option 'timeout'){words}",
        Milliseconds(*.limit), at_row(*.row)
    )]
    Timeout { function: String, row: Option<u32>, limit: Duration, words: LastWords },

    /// The guest asked for more memory than the limit `memory`, and died of the refusal.
    #[error(
        "function '{function}' needs more than its {limit} bytes of memory{} (option 'memory'){words}",
        at_row(*.row)
    )]
    OutOfMemory { function: String, row: Option<u32>, limit: usize, words: LastWords },

    /// The guest asked for more memory than is left of what it shares with the other functions of its job.
    #[error(
        "function '{function}' cannot have more memory: the functions of its job have all of the {limit} bytes that they \
         may have together (option '{option}'){words}"
    )]
    OverBudget { function: String, limit: usize, option: &'static str, words: LastWords },

    /// A call gave more than one of the limits `max-output-bytes` and `max-output-rows`.
    #[error("function '{function}' gives more than {limit} {what}{} (option '{option}'){words}", at_row(*.row))]
    OutputTooLarge {
        function: String,
        row: Option<u32>,
        limit: usize,
        /// `bytes in a call` or `rows for one input row`.
        what: &'static str,
        option: &'static str,
        words: LastWords,
    },

    /// The guest returned columns that are not what it promised.
    #[error("function '{function}' returned a bad result: {reason}{words}")]
    BadResult { function: String, reason: String, words: LastWords },

    /// The guest says that the whole call failed.
    #[error("function '{function}' failed: {message}{words}")]
    Guest { function: String, message: String, words: LastWords },

    /// An aggregate lost its groups to an earlier failure of its instance.
    #[error(
        "function '{function}' cannot go on: its instance was discarded after an error, and the accumulators with it"
    )]
    Poisoned { function: String },

    /// The caller has said that the result is not wanted any more.
    #[error("function '{function}' was interrupted")]
    Cancelled { function: String },

    /// The host itself is wrong: please report it.
    #[error("bug in the function host: {0}")]
    Bug(String),
}

impl Error {
    /// The row that caused the error, where a fresh instance found one.
    pub fn row(&self) -> Option<u32> {
        match self {
            Error::Trap { row, .. }
            | Error::Timeout { row, .. }
            | Error::OutOfMemory { row, .. }
            | Error::OutputTooLarge { row, .. } => *row,
            _ => None,
        }
    }

    /// The same error, blamed on a row.
    pub(crate) fn with_row(mut self, blamed: u32) -> Self {
        match &mut self {
            Error::Trap { row, .. }
            | Error::Timeout { row, .. }
            | Error::OutOfMemory { row, .. }
            | Error::OutputTooLarge { row, .. } => *row = Some(blamed),
            _ => {}
        }
        self
    }

    /// The same error, of a call whose rows are the later ones of a larger one.
    pub(crate) fn shifted(self, by: u32) -> Self {
        match self.row() {
            Some(row) => self.with_row(row + by),
            None => self,
        }
    }

    /// Whether the rows of the call can be to blame, so that looking for one makes sense.
    pub(crate) fn may_be_of_a_row(&self) -> bool {
        matches!(
            self,
            Error::Trap { .. } | Error::Timeout { .. } | Error::OutOfMemory { .. } | Error::OutputTooLarge { .. }
        )
    }

    /// Appends a remark to the reason, where the error has one in free words.
    pub(crate) fn with_remark(mut self, remark: &str) -> Self {
        match &mut self {
            Error::Trap { reason, .. } => {
                reason.push_str("; ");
                reason.push_str(remark);
            }
            Error::Timeout { words, .. } | Error::OutOfMemory { words, .. } | Error::OutputTooLarge { words, .. } => {
                words.remark = Some(remark.to_string())
            }
            _ => {}
        }
        self
    }

    /// The words for a message about one row, without the name of the function and the number of the row.
    pub(crate) fn row_message(&self) -> String {
        match self {
            Error::Trap { reason, words, .. } => format!("trapped: {reason}{words}"),
            Error::Timeout { limit, words, .. } => {
                format!("ran longer than {} (option 'timeout'){words}", Milliseconds(*limit))
            }
            Error::OutOfMemory { limit, words, .. } => {
                format!("needs more than {limit} bytes of memory (option 'memory'){words}")
            }
            Error::OutputTooLarge { limit, what, option, words, .. } => {
                format!("gives more than {limit} {what} (option '{option}'){words}")
            }
            other => other.to_string(),
        }
    }
}

/// The last lines that a guest wrote to its log, standard output or standard error before an error; bounded.
///
/// Shown below the message, one line each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastWords {
    /// A remark of the host about the error.
    pub(crate) remark: Option<String>,
    /// The lines, oldest first.
    pub lines: Vec<String>,
}

impl fmt::Display for LastWords {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(remark) = &self.remark {
            write!(out, "; {remark}")?;
        }
        if self.lines.is_empty() {
            return Ok(());
        }
        write!(out, "\nlast lines from the function:")?;
        for line in &self.lines {
            write!(out, "\n  {line}")?;
        }
        Ok(())
    }
}

fn at_row(row: Option<u32>) -> String {
    row.map_or_else(String::new, |row| format!(" at row {row}"))
}

struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ms", self.0.as_millis())
    }
}

/// One row of a call failed; the others did not. In the result that row is NULL (scalar) or has no output (table).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Row of the call, from 0.
    pub row: u32,
    pub cause: RowErrorCause,
    /// What the guest said, or how it died.
    pub message: String,
}

/// How a row failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowErrorCause {
    /// The guest returned an error for the row.
    Function,
    /// The guest traps on this row, alone and on a fresh instance.
    Trap,
    /// This row alone takes longer than a call may.
    Timeout,
    /// This row alone needs more memory than the function may have.
    Memory,
    /// This row alone gives more output than the function may.
    Output,
}

impl RowErrorCause {
    /// In one word: `error`, `trap`, `timeout`, `memory` or `output`.
    pub fn name(self) -> &'static str {
        match self {
            RowErrorCause::Function => "error",
            RowErrorCause::Trap => "trap",
            RowErrorCause::Timeout => "timeout",
            RowErrorCause::Memory => "memory",
            RowErrorCause::Output => "output",
        }
    }

    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Timeout { .. } => RowErrorCause::Timeout,
            Error::OutOfMemory { .. } => RowErrorCause::Memory,
            Error::OutputTooLarge { .. } => RowErrorCause::Output,
            _ => RowErrorCause::Trap,
        }
    }
}
