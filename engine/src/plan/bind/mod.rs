//! From the syntax tree to a logical plan: names are resolved, types settled as Flink settles them, and everything that
//! is not supported is refused at its place.
//!
//! This is a binder of our own, an allow-list by construction: each form of the syntax that is not handled here is an
//! error. DataFusion's `SqlToRel` would type literals, name columns and scope lateral tables in its own way, and drop some
//! clauses in silence.
//!
//! Every item of FROM stands under a qualifier, its alias or its table's name; every SELECT gives unqualified columns with
//! Flink's names (`EXPR$0`, and `a0` for a second `a`).

mod call;
pub mod coercion;
mod convert;
mod expression;
mod from;
mod group_window;
mod like;
mod literal;
mod operator;
mod order;
mod overlaps;
mod query;
mod select;
mod window_function;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::DFSchema;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::tokenizer::Span;

use super::catalog::{Catalog, at};
use super::context::PlanContext;
use crate::error::{Error, Result};

pub use convert::{cast, is_not_null_check, not_null};
pub(super) use select::unique_names;
pub(super) use window_function::is_processing_time;

/// Binds one statement's queries.
pub struct Binder<'a> {
    pub(super) context: &'a PlanContext<'a>,
    /// Common table expressions, the innermost last.
    ctes: Vec<HashMap<String, Arc<LogicalPlan>>>,
    /// For qualifiers of unnamed relations.
    unnamed: Cell<usize>,
    /// Views that are being expanded, against cycles.
    views: Vec<String>,
    /// Tables, views and common table expressions so far, each as often as it is read.
    relations: usize,
}

impl<'a> Binder<'a> {
    pub fn new(context: &'a PlanContext<'a>) -> Self {
        Binder { context, ctes: vec![], unnamed: Cell::new(0), views: vec![], relations: 0 }
    }

    fn catalog(&self) -> &'a Catalog {
        self.context.catalog
    }

    /// A qualifier that no query can write.
    fn unnamed(&self) -> String {
        self.unnamed.set(self.unnamed.get() + 1);
        format!("$unnamed{}", self.unnamed.get())
    }

    /// An expression over columns of `schema`, without aggregates: a computed column, a watermark, a Table API string.
    ///
    /// # Errors
    /// User errors with the place.
    pub fn scalar_expression(&self, expression: &ast::Expr, schema: &DFSchema) -> Result<Expr> {
        self.expression(expression, &Scope::new(schema, "here"))
    }
}

/// What an expression may refer to.
struct Scope<'s> {
    schema: &'s DFSchema,
    /// Aggregates may be called.
    aggregates: bool,
    /// The group window of the SELECT, which TUMBLE_START and the like refer to.
    window: Option<&'s group_window::GroupWindow>,
    /// Names that stand for expressions, before columns of the schema.
    aliases: &'s [(String, Expr)],
    /// For errors: `in WHERE`.
    place: &'static str,
}

impl<'s> Scope<'s> {
    fn new(schema: &'s DFSchema, place: &'static str) -> Self {
        Scope { schema, aggregates: false, window: None, aliases: &[], place }
    }
}

/// An error for a form that Flink may have and we have not.
fn unsupported(what: impl std::fmt::Display, span: Span) -> Error {
    at(Error::user(format!("{what} is not supported")), span)
}

/// Refuses what is there but not supported.
fn refuse(present: bool, what: &str, span: Span) -> Result<()> {
    if present { Err(unsupported(what, span)) } else { Ok(()) }
}

/// `; did you mean a or b?`, or nothing where nothing is near.
pub(super) fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    suggestion(&crate::suggest::nearest(name, known))
}

fn suggestion(nearest: &[&str]) -> String {
    match nearest {
        [] => String::new(),
        names => format!("; did you mean {}?", names.join(" or ")),
    }
}
