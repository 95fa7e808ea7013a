//! Functions: the catalog, the built-in ones (a file each), and the adapter from `anabranch-host` to planner and
//! operators.

mod aggregate;
pub mod aggregates;
pub mod catalog;
pub mod component;
pub mod scalar;
pub mod udaf;

pub use aggregate::{Accumulators, AggregateFunction};
