//! Functions of WebAssembly components: the adapter from `anabranch-host` to planner and operators.
//!
//! `CREATE FUNCTION` becomes a [`ComponentFunction`]; an interpreter makes a package of the source of an inline one. By its
//! kind it then stands in a plan as a
//! [`ComponentScalar`] (a DataFusion scalar function), a [`ComponentTable`], or a DataFusion aggregate around a
//! resolver of components. A place in a plan binds it to its arguments: a [`BoundComponent`].

mod aggregate;
mod asynchronous;
mod bound;
mod declaration;
mod function;
mod job;
mod left_out;
mod origin;
mod overload;
mod pool;
mod row_errors;
mod s3;
mod scalar;
mod table;

pub use anabranch_host::{FunctionTotals, RowError};
pub use asynchronous::{ASYNC_OPTIONS, AsyncOptions, AsyncOutput};
pub use bound::BoundComponent;
pub use declaration::{ComponentDeclaration, FUNCTION_OPTIONS, FunctionCode, InlineFunction, OnError, Returns};
pub use function::{ComponentFunction, FunctionKind};
pub use job::JobScope;
pub use row_errors::{host_error, row_failed, show_row};
pub use scalar::ComponentScalar;
pub use table::ComponentTable;
