//! The attributes of `anabranch-udf`; its documentation says how they are used.

mod aggregate;
mod options;
mod row;
mod scalar;
mod signature;
mod state;
mod table;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes a function a scalar function: one value per row.
///
/// Options: `name = "…"` (the name in SQL, else the function's), `nondeterministic` (it does not always give the same
/// result for the same arguments), `vectorized` (it takes columns and returns a column), `bind = path` (a function that
/// is called once per place in a plan, and whose value this function gets as its first parameter).
#[proc_macro_attribute]
pub fn scalar(options: TokenStream, item: TokenStream) -> TokenStream {
    let (options, item) = (parse_macro_input!(options), parse_macro_input!(item));
    scalar::expand(options, item).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a function a table function: zero or more rows per row.
///
/// Options: those of `scalar` without `vectorized`, and `columns(a, b)`: the names of the columns, else those of the
/// struct that is a row, else the function's name.
#[proc_macro_attribute]
pub fn table(options: TokenStream, item: TokenStream) -> TokenStream {
    let (options, item) = (parse_macro_input!(options), parse_macro_input!(item));
    table::expand(options, item).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes an `impl` block an aggregate function: its methods `accumulate` and `evaluate`, and optionally `retract` and
/// `merge`. The type is a group's accumulator; it implements `Default` and `State`.
///
/// Options: `name = "…"` (the name in SQL, else the type's, in snake case), `nondeterministic`.
#[proc_macro_attribute]
pub fn aggregate(options: TokenStream, item: TokenStream) -> TokenStream {
    let (options, item) = (parse_macro_input!(options), parse_macro_input!(item));
    aggregate::expand(options, item).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a struct an SQL row: an argument, a result, an item of an array, or a row of a table function.
#[proc_macro_derive(Row)]
pub fn derive_row(item: TokenStream) -> TokenStream {
    row::expand(parse_macro_input!(item)).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Keeps an accumulator as one column per field.
#[proc_macro_derive(State)]
pub fn derive_state(item: TokenStream) -> TokenStream {
    state::expand(parse_macro_input!(item)).unwrap_or_else(syn::Error::into_compile_error).into()
}
