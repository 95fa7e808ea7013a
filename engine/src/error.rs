//! The engine's one error type: what went wrong, where, and who has to act.

use std::fmt;
use std::sync::Arc;

use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::Location;

/// Who has to act on an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain {
    /// The author of the job: SQL, options, types, data that does not fit its declaration.
    User,
    /// The author of a function: a trap, a timeout, a row error, a wrong result.
    Function,
    /// Whoever runs the system on the other side of a connector: a missing file, a dead database.
    Connector,
    /// Whoever keeps the state: a snapshot that cannot be read, a change of the plan it does not fit.
    State,
    /// Us.
    Bug,
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Domain::User => "user",
            Domain::Function => "function",
            Domain::Connector => "connector",
            Domain::State => "state",
            Domain::Bug => "bug",
        })
    }
}

/// A place in SQL text. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    pub line: u64,
    pub column: u64,
}

/// An error with its domain, its place in the SQL where there is one, and what to do about it where that is known.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    domain: Domain,
    message: String,
    position: Option<Position>,
    hint: Option<String>,
    context: Vec<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The engine's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(domain: Domain, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            domain,
            message: message.into(),
            position: None,
            hint: None,
            context: vec![],
            source: None,
        }))
    }

    pub fn user(message: impl Into<String>) -> Self {
        Self::new(Domain::User, message)
    }

    pub fn function(message: impl Into<String>) -> Self {
        Self::new(Domain::Function, message)
    }

    pub fn connector(message: impl Into<String>) -> Self {
        Self::new(Domain::Connector, message)
    }

    pub fn state(message: impl Into<String>) -> Self {
        Self::new(Domain::State, message)
    }

    /// Something that cannot happen did.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(Domain::Bug, message)
    }

    /// Names the place in the SQL, unless one is named already.
    pub fn at(mut self, position: Position) -> Self {
        self.0.position.get_or_insert(position);
        self
    }

    /// Names another place: that of a text within the SQL, for a place in the text.
    pub fn moved_to(mut self, position: Position) -> Self {
        self.0.position = Some(position);
        self
    }

    /// Says what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Says what was being done: `while …`, outermost last.
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.0.context.push(context.into());
        self
    }

    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    pub fn domain(&self) -> Domain {
        self.0.domain
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    pub fn get_hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

/// `message (line L, column C), while …; hint`.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(Position { line, column }) = self.0.position {
            write!(f, " (line {line}, column {column})")?;
        }
        for context in &self.0.context {
            write!(f, ", {context}")?;
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// What DataFusion reports is the user's to mend unless it calls it its own fault. An [`Error`] of ours that passed
/// through DataFusion comes out as it went in.
impl From<datafusion::error::DataFusionError> for Error {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        use datafusion::error::DataFusionError as E;
        match error {
            E::External(external) => match external.downcast::<Error>() {
                Ok(ours) => *ours,
                Err(other) => Error::new(Domain::Bug, other.to_string()).caused_by(other),
            },
            E::ArrowError(error, _) => Error::from(*error),
            E::Context(context, error) => Error::from(*error).context(format!("while {context}")),
            E::Internal(message) => Error::bug(message),
            E::SQL(error, _) => Error::from(*error),
            other => {
                // Where a function refuses its arguments, DataFusion puts our words behind its own.
                let text = other.strip_backtrace();
                let ours = text.rsplit_once("coercion failed with: External error: ").map(|(_, ours)| ours.to_owned());
                Error::user(ours.unwrap_or(text))
            }
        }
    }
}

/// A kernel that refuses values (overflow, division by zero, a cast) speaks of the user's data.
impl From<datafusion::arrow::error::ArrowError> for Error {
    fn from(error: datafusion::arrow::error::ArrowError) -> Self {
        use datafusion::arrow::error::ArrowError as E;
        match error {
            E::ExternalError(external) => match external.downcast::<Error>() {
                Ok(ours) => *ours,
                Err(other) => Error::new(Domain::Bug, other.to_string()).caused_by(other),
            },
            E::DivideByZero => Error::user("division by zero"),
            other => Error::user(other.to_string()),
        }
    }
}

/// So that our functions and plan nodes can fail inside DataFusion.
impl From<Error> for datafusion::error::DataFusionError {
    fn from(error: Error) -> Self {
        datafusion::error::DataFusionError::External(Box::new(error))
    }
}

/// An error of a parser at a place. [`Error`] finds the place again: sqlparser's errors carry it as text only.
pub fn parser_error(message: impl fmt::Display, place: Location) -> ParserError {
    ParserError::ParserError(format!("{message}{place}"))
}

/// A syntax error, with its place.
impl From<ParserError> for Error {
    fn from(error: ParserError) -> Self {
        let (ParserError::ParserError(message) | ParserError::TokenizerError(message)) = error else {
            return Error::user("the statement nests too deeply");
        };
        let place = message.rsplit_once(" at Line: ").and_then(|(text, place)| {
            let (line, column) = place.split_once(", Column: ")?;
            Some((text, Position { line: line.parse().ok()?, column: column.parse().ok()? }))
        });
        let user = |text: &str| {
            let text = text.replacen("Expected: ", "expected ", 1).replacen(", found: ", ", found ", 1);
            Error::user(match text.strip_suffix("found EOF") {
                Some(before) => format!("{before}found the end"),
                None => text,
            })
        };
        match place {
            Some((text, position)) => user(text).at(position),
            None => user(&message),
        }
    }
}

impl From<Location> for Position {
    fn from(place: Location) -> Self {
        Position { line: place.line, column: place.column }
    }
}
