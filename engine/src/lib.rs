//! Anabranch: a streaming SQL and Table API engine whose functions are sandboxed WebAssembly components.
//!
//! The modules stand in layers; each depends only on those below it (checked by `tests/layers.rs`):
//! [`sql`] and [`table`] → [`plan`] → [`runtime`] → [`connectors`] → [`operators`] → [`functions`] → [`state`] →
//! [`changelog`], [`types`], [`config`], [`suggest`], [`error`].

pub mod changelog;
pub mod config;
pub mod connectors;
pub mod error;
pub mod functions;
pub mod operators;
pub mod plan;
mod printable;
pub mod runtime;
pub mod sql;
pub mod state;
pub mod suggest;
pub mod table;
pub mod types;

pub use datafusion::arrow;
pub use error::{Domain, Error, Result};
pub use printable::printable;
