//! The contract (`wit/functions.wit`) as Rust types that wasmtime lifts and lowers.
//!
//! Descriptions cross rarely, so [`description`] derives everything. Columns cross at every call, so [`lower`] and
//! [`lift`] are written by hand: one memory copy per Arrow buffer, nothing per element.

pub(crate) mod description;
pub(crate) mod field;
pub(crate) mod lift;
pub(crate) mod lower;

/// Version of the contract that this host speaks.
pub const CONTRACT_VERSION: &str = "0.2.0";

/// The interface that a package exports.
pub(crate) const FUNCTIONS_INTERFACE: &str = "anabranch:functions/functions@0.2.0";

/// The interface that an interpreter exports beside it.
pub(crate) const INTERPRETER_INTERFACE: &str = "anabranch:functions/interpreter@0.2.0";

/// The interfaces that a package may import.
pub(crate) const LOG_INTERFACE: &str = "anabranch:functions/log@0.2.0";
pub(crate) const HTTP_INTERFACE: &str = "anabranch:functions/http@0.2.0";

/// The package name of the contract, with its separator.
pub(crate) const CONTRACT_PREFIX: &str = "anabranch:functions/";
