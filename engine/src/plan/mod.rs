//! Plans: from the syntax tree of a query to a graph of operators.
//!
//! `bind` makes a logical plan of DataFusion's nodes and ours ([`nodes`]); `optimize` runs an explicit list of rules over
//! it; `derive` finds time attributes, changelogs and keys per node; `lower` makes the job graph. In batch mode the same
//! logical plan runs on DataFusion's batch engine (`batch`).

pub mod batch;
mod bind;
pub mod catalog;
mod context;
mod derive;
mod explain;
mod granted;
mod guard;
mod lower;
pub mod nodes;
mod optimize;
mod planner;
mod scan;
#[cfg(test)]
mod tests;

pub use bind::{Binder, coercion};
pub use context::PlanContext;
pub use lower::{OnConflict, SinkPlan};
pub use planner::{InsertPlan, Planner, QueryPlan};
