//! The function host: runs scalar, table and aggregate functions in WebAssembly components on Arrow arrays.
//!
//! A package is a component that exports the contract (`wit/functions.wit`). The host loads it ([`Host::load`]), which
//! compiles it or takes its code from a cache, checks what it imports, and asks it what it holds ([`Package`]). A place
//! in a plan binds a function ([`Package::bind`]): types, constants, zone and options are agreed once. The
//! [`BoundFunction`] makes instances ([`ScalarFunction`], [`TableFunction`], [`AggregateFunction`]), one per subtask,
//! each called by one thread at a time on columns: one memory copy in and one out per Arrow buffer.
//!
//! Invariants:
//!
//! - Nothing that a guest does panics the host, or reaches its caller as an array that Arrow's kernels could not trust:
//!   see [`Error`] for what it reaches them as.
//! - A guest has what is passed to it, a bounded amount of memory and time, and nothing else, unless [`Grants`] say so.
//! - An instance that failed is never called again.
//! - The host knows wasmtime and Arrow, nothing of streams or SQL.

mod aggregate;
mod bound;
mod budget;
mod cache;
mod compiling;
mod componentize;
mod decode;
mod downloads;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod grants;
mod host;
mod instance;
mod interpreter;
mod limits;
mod metadata;
mod metrics;
mod output;
mod pace;
mod package;
mod redact;
mod registry;
mod sandbox;
mod scalar;
mod table;
mod text;
mod wire;

pub use aggregate::{AggregateFunction, OnError};
pub use bound::{BindRequest, BoundFunction};
pub use budget::MemoryBudget;
pub use downloads::Downloads;
pub use error::{Error, LastWords, Result, RowError, RowErrorCause};
pub use grants::{Directory, GRANT_OPTIONS, Grants, HostPattern, HttpRule, Methods, Scheme, SecretSource, Variable};
pub use host::{Host, HostConfig};
pub use interpreter::Interpreter;
pub use limits::{LIMIT_OPTIONS, Limits};
pub use metadata::{FunctionKind, PackageMetadata, Signature};
pub use metrics::{FunctionMetrics, FunctionTotals};
pub use package::Package;
pub use registry::{Digest, Reference, Registry, Release};
pub use scalar::{ScalarFunction, ScalarOutput};
pub use table::{TableChunk, TableFunction};
pub use wire::CONTRACT_VERSION;
