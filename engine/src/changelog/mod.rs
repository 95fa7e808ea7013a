//! Batches of a changelog: rows, and beside them what each row means.

mod batch;
mod kind;
mod text;

pub use batch::{ChangelogBatch, with_schema};
pub use kind::{ChangelogMode, RowKind, RowKinds};
