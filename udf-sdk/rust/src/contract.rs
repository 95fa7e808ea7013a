//! The words of the contract (`wit/functions.wit`), as Rust types.
//!
//! In a component they are the ones that `wit-bindgen` generates, so that nothing is converted; natively, where there
//! is no boundary, they are the same types written out.

#[cfg(target_family = "wasm")]
pub use crate::wasm::bindings::{
    anabranch::functions::types::{Batch, Columns, FieldNode, RowError},
    exports::anabranch::functions::functions::{
        Binding, Bound, Kind, Metadata, Parameter, ScalarResult, Signature, TableChunk,
    },
};

#[cfg(not(target_family = "wasm"))]
pub use native::*;

/// A named type: its nodes in pre-order, at least one.
pub type Field = Vec<FieldNode>;

#[cfg(not(target_family = "wasm"))]
mod native {
    use super::Field;

    /// One node of a type.
    #[derive(Clone, Debug, PartialEq)]
    pub struct FieldNode {
        /// Name of a column, of a struct's member; unused elsewhere.
        pub name: String,
        /// Format string of the Arrow C Data Interface.
        pub format: String,
        /// Whether its rows may be NULL.
        pub nullable: bool,
        /// How many direct children follow.
        pub children: u32,
    }

    /// Columns that the host passes: all nodes of all columns in pre-order.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Batch {
        /// For each node its rows, how many of them are NULL, and the number of bytes of each of its buffers.
        pub layout: Vec<u32>,
        /// The buffers, each at the next multiple of 16 behind the one before.
        pub data: Vec<u8>,
    }

    /// Columns that a function returns.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Columns {
        /// For each node its rows (of a list's child: the items of all rows), and how many of them are NULL.
        pub nodes: Vec<(u32, u32)>,
        /// The Arrow buffers of all nodes: validity (empty where nothing is NULL), then offsets, then data.
        pub buffers: Vec<Vec<u8>>,
    }

    /// One row of a call failed, the others did not.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RowError {
        /// Row of the call, from 0.
        pub row: u32,
        /// Why.
        pub message: String,
    }

    /// What a function gives back.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Kind {
        /// One value per row.
        Scalar,
        /// Zero or more rows per row.
        Table,
        /// One value per group.
        Aggregate,
    }

    /// A parameter of a function.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Parameter {
        /// Its name in the code.
        pub name: String,
        /// Its type.
        pub type_: Field,
    }

    /// One signature. Several with one name are overloads.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Signature {
        /// Name in SQL.
        pub name: String,
        /// What it gives back.
        pub kind: Kind,
        /// In the order of the arguments.
        pub parameters: Vec<Parameter>,
        /// Scalar and aggregate: the type of the value. Table: a struct of the columns.
        pub result: Field,
        /// The same arguments always give the same result.
        pub deterministic: bool,
        /// Aggregate: `retract` may be called.
        pub retracts: bool,
        /// Aggregate: `merge` may be called.
        pub merges: bool,
        /// The function's documentation, Markdown.
        pub doc: String,
    }

    /// What a package holds.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Metadata {
        /// Name of the package.
        pub name: String,
        /// Version of the package.
        pub version: String,
        /// Its functions.
        pub functions: Vec<Signature>,
    }

    /// Where a function stands in a plan.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Binding {
        /// Index into [`Metadata::functions`].
        pub function: u32,
        /// The arguments' fields as they will be sent.
        pub arguments: Vec<Field>,
        /// For each argument that is a literal: one column of one row with its value.
        pub constants: Vec<Option<Batch>>,
        /// The session's time zone.
        pub time_zone: String,
        /// Options of the function's DDL that the host does not know itself.
        pub options: Vec<(String, String)>,
    }

    /// A bound function.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Bound {
        /// Names this binding in later calls.
        pub handle: u32,
        /// As in the signature.
        pub result: Field,
        /// Aggregate: the fields of an accumulator's state.
        pub state: Vec<Field>,
    }

    /// The values of a call, one per row.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ScalarResult {
        /// One column, as many rows as the call had.
        pub column: Columns,
        /// The rows that failed, ascending.
        pub errors: Vec<RowError>,
    }

    /// A part of a table function's output.
    #[derive(Clone, Debug, PartialEq)]
    pub struct TableChunk {
        /// For each output row, the input row it belongs to.
        pub rows: Vec<u32>,
        /// The columns of the result.
        pub columns: Columns,
        /// The input rows that failed.
        pub errors: Vec<RowError>,
        /// No more chunks for this call.
        pub done: bool,
    }
}
