//! SQL text to statements, each with its place.
//!
//! sqlparser's tokenizer cuts the text ([`tokens`]), its parser takes queries and expressions in our [`dialect`], and the
//! statements around them are ours ([`parser`], [`create`]).

mod create;
mod cursor;
pub mod dialect;
mod inline;
pub mod parser;
pub mod reference;
pub mod statement;
mod text;
mod tokens;

pub use parser::{parse_object_name, parse_query, parse_script, parse_statement};
pub use text::render;
pub(crate) use tokens::tokenize;

#[cfg(test)]
mod inline_tests;
#[cfg(test)]
mod tests;
