//! Write scalar, table and aggregate functions for Anabranch in Rust.
//!
//! A function is an ordinary Rust function with an attribute. A package is a crate of them, built as a WebAssembly module
//! that the engine makes a component; `examples/functions/rust` of the repository is one to start from.
//!
//! ```
//! use anabranch_udf::prelude::*;
//!
//! anabranch_udf::package!(len, split, Mean);
//!
//! /// Length of a text in characters.
//! #[scalar]
//! fn len(text: &str) -> i32 {
//!     text.chars().count() as i32
//! }
//!
//! /// The words of a text.
//! #[table(columns(word))]
//! fn split(line: &str) -> impl Iterator<Item = &str> {
//!     line.split_whitespace()
//! }
//!
//! #[derive(Default, State)]
//! struct Mean {
//!     sum: f64,
//!     count: i64,
//! }
//!
//! /// The arithmetic mean; NULL of no numbers.
//! #[aggregate]
//! impl Mean {
//!     fn accumulate(&mut self, x: f64) {
//!         self.sum += x;
//!         self.count += 1;
//!     }
//!
//!     fn evaluate(&self) -> Option<f64> {
//!         (self.count > 0).then(|| self.sum / self.count as f64)
//!     }
//! }
//!
//! # fn main() {
//! assert_eq!(len("Zürich"), 6);
//! assert!(split("to be").eq(["to", "be"]));
//! # }
//! ```
//!
//! Names, parameter names, types and documentation come from the code, and SQL sees them. Several functions of one name in
//! SQL (`#[scalar(name = "add")]`) are overloads, told apart by their types. The types are listed in [`types`].
//!
//! # NULL and errors
//!
//! A parameter that is not an `Option` takes no NULL: where an argument is NULL, the function is not called, and the result
//! is NULL, no row of a table function, nothing that an aggregate sees. An `Option` parameter gets `None`. An `Option`
//! result is NULL where it is `None`. An `Err` is the error of its row, and of no other; the function's `on-error` policy
//! says what becomes of it. A panic ends the call, and the host looks for its row: return an `Err` where you can.
//!
//! ```
//! use anabranch_udf::prelude::*;
//!
//! /// The number that a text starts with, or else another one.
//! #[scalar]
//! fn number(text: &str, otherwise: Option<i64>) -> Result<Option<i64>, String> {
//!     match text.split(' ').next() {
//!         None | Some("") => Ok(otherwise),
//!         Some(word) => word.parse().map(Some).map_err(|error| format!("`{word}`: {error}")),
//!     }
//! }
//! ```
//!
//! # Whole columns
//!
//! Row by row is fast: the loop over a column is compiled with the function in it, and nothing is allocated for a row. A
//! function that returns a text writes it without an allocation through a [`TextWriter`]. Where a loop over whole columns
//! can be vectorised, `#[scalar(vectorized)]` takes [`Column`]s and returns an [`Array`].
//!
//! # Tables
//!
//! A table function returns anything that iterates, or an `Option` or a `Result` of it. It is asked for as many rows as the
//! engine can take, and goes on from there: `0..i64::MAX` is a fine result. A row is one value, a tuple, or a struct:
//!
//! ```
//! use anabranch_udf::prelude::*;
//!
//! #[derive(Row)]
//! struct Hit<'a> {
//!     word: &'a str,
//!     place: i32,
//! }
//!
//! /// The words of a text with their places, from 0.
//! #[table]
//! fn words(line: &str) -> impl Iterator<Item = Hit<'_>> {
//!     line.split_whitespace().zip(0..).map(|(word, place)| Hit { word, place })
//! }
//! ```
//!
//! # Aggregates
//!
//! An aggregate function is a type that holds what one group needs to know: `Default` is the empty group, [`State`] says
//! how it is kept. `accumulate` adds a row, `evaluate` gives the value and leaves the accumulator as it is. With `retract`,
//! which takes a row out again, the function can stand where rows are updated; with `merge`, which adds another
//! accumulator, where partial results are combined. An `Err` of these leaves the group as it was.
//!
//! # What is known beforehand
//!
//! [`Context`] holds what does not change between calls: literal arguments, the session's time zone, options. What is costly
//! to make of it, a compiled pattern, is made once, by `#[scalar(bind = …)]`. [`log!`] writes to the log of whoever runs the
//! function.
//!
//! A function is held to be deterministic: the same arguments always give the same result. One that is not says
//! `#[scalar(nondeterministic)]`.
//!
//! # The world outside
//!
//! A function that is granted it asks web servers, by [`http`]. Environment variables, files and clocks are those
//! of the standard library, in a package that is built for WASI: `wasi = true` under `[package.metadata.anabranch]` in its
//! Cargo.toml. Otherwise its component asks for none of them, whatever is granted.
//!
//! # Testing
//!
//! A function is tested by calling it. The module `testing`, which only native builds have, calls it as a host does, over columns.

// The macros name the crate as their users do.
extern crate self as anabranch_udf;

pub mod aggregate;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod allocator;
pub mod array;
pub mod batch;
mod bitmap;
mod context;
pub mod contract;
pub mod function;
pub mod http;
pub mod log;
mod package;
pub mod scalar;
pub mod selection;
pub mod table;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod types;
#[cfg(target_family = "wasm")]
pub mod wasm;

pub use aggregate::State;
pub use anabranch_udf_macros::{Row, State, aggregate, scalar, table};
pub use array::{Array, ArrayBuilder, Column};
pub use bitmap::Bitmap;
pub use context::Context;
pub use package::{Bindings, Package};
pub use types::{
    Date, Decimal, DecimalError, IntervalDaySecond, IntervalYearMonth, List, Map, TextWriter, Time, Timestamp,
    TimestampLtz,
};

/// What a package's code names.
pub mod prelude {
    pub use crate::{
        Array, ArrayBuilder, Column, Context, Date, Decimal, IntervalDaySecond, IntervalYearMonth, List, Map, Row,
        State, TextWriter, Time, Timestamp, TimestampLtz, aggregate, scalar, table,
    };
}

/// Lists the functions of a package, and exports them where the crate is built as a component.
///
/// It makes a function `package()`, which the helpers for tests take.
#[macro_export]
macro_rules! package {
    ($($function:path),+ $(,)?) => {
        /// The functions of this package.
        pub fn package() -> $crate::Package {
            const { $crate::__package!($($function),+) }
        }

        #[cfg(target_family = "wasm")]
        #[unsafe(no_mangle)]
        fn __anabranch_package() -> $crate::Package {
            package()
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __package {
    ($($function:path),+) => {
        $crate::Package {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            functions: &[$(<$function as $crate::function::Export>::function),+],
        }
    };
}
