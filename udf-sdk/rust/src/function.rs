//! Functions as the host sees them.

use crate::aggregate::Accumulators;
use crate::batch::Batch;
use crate::context::Context;
use crate::contract::{Field, Kind, Parameter, ScalarResult, Signature};
use crate::table::Cursor;
use crate::types::{Argument, SqlType, field};

/// A function of a package: what it is, and how a place in a plan gets an instance of it.
pub struct Function {
    /// What the host is told.
    pub signature: Signature,
    /// Makes an instance for a place in a plan.
    pub bind: fn(Context) -> Result<Instance, String>,
}

/// What carries an attribute of this crate; [`package!`](crate::package) lists them.
pub trait Export {
    /// The function.
    fn function() -> Function;
}

/// A scalar function, bound.
pub type Scalar = Box<dyn FnMut(&Batch) -> Result<ScalarResult, String>>;

/// A table function, bound.
pub type Table = Box<dyn FnMut(Batch) -> Result<Box<dyn Cursor>, String>>;

/// A function that is bound to a place in a plan.
pub enum Instance {
    /// One value per row.
    Scalar(Scalar),
    /// Zero or more rows per row.
    Table(Table),
    /// One value per group.
    Aggregate {
        /// The fields of a group's state.
        state: Vec<Field>,
        /// Makes the accumulators of a subtask.
        open: Box<dyn Fn() -> Box<dyn Accumulators>>,
    },
}

impl Function {
    /// A function with the parts of its signature that every kind has.
    pub fn new(
        kind: Kind,
        name: &str,
        doc: &str,
        parameters: Vec<Parameter>,
        result: Field,
        bind: fn(Context) -> Result<Instance, String>,
    ) -> Self {
        let signature = Signature {
            name: name.to_owned(),
            kind,
            parameters,
            result,
            deterministic: true,
            retracts: false,
            merges: false,
            doc: doc.to_owned(),
        };
        Self { signature, bind }
    }
}

/// A parameter. A NULL may always be sent: a function that does not take it gives NULL, and is not called.
pub fn parameter<'a, A: Argument<'a>>(name: &str) -> Parameter {
    Parameter { name: name.to_owned(), type_: field::<A>(name, true) }
}

/// Whether an argument's NULL makes the result NULL.
pub fn strict<'a, A: Argument<'a>>() -> bool {
    !<A as SqlType>::NULLABLE
}
