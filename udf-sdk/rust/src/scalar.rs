//! Scalar functions: one value per row.

use std::fmt::Display;

use crate::contract::{RowError, ScalarResult};
use crate::selection::Selection;
use crate::types::Output;

/// What a row-style scalar function may return: a value, an `Option` of it (`None` is NULL), a `Result` of either
/// (an error is the row's).
pub trait Return: Sized {
    /// The type of the value.
    type Value: Output;

    /// Whether the result may be NULL though no argument is.
    const NULLABLE: bool;

    /// The column of the results of the selected rows.
    fn collect(selection: Selection, value: impl FnMut(usize) -> Self) -> ScalarResult;
}

impl<T: Output> Return for T {
    type Value = T;
    const NULLABLE: bool = T::NULLABLE;

    #[inline]
    fn collect(mut selection: Selection, value: impl FnMut(usize) -> Self) -> ScalarResult {
        let errors = std::mem::take(&mut selection.errors);
        ScalarResult { column: T::collect(&selection, value), errors }
    }
}

impl<T: Output, E: Display> Return for Result<T, E> {
    type Value = T;
    const NULLABLE: bool = true;

    #[inline]
    fn collect(mut selection: Selection, mut value: impl FnMut(usize) -> Self) -> ScalarResult {
        let mut errors = std::mem::take(&mut selection.errors);
        let column = T::collect_nullable(&selection, |row| match value(row) {
            Ok(value) => Some(value),
            Err(error) => {
                add_error(&mut errors, row, error.to_string());
                None
            }
        });
        ScalarResult { column, errors }
    }
}

/// What a function that writes into a [`TextWriter`](crate::TextWriter) may return: nothing, an `Option` (`None` is
/// NULL), a `Result` of either.
pub trait Written {
    /// Whether the result may be NULL though no argument is.
    const NULLABLE: bool;

    /// Whether there is a value; else it is NULL.
    ///
    /// # Errors
    /// The row's error.
    fn outcome(self) -> Result<bool, String>;
}

impl Written for () {
    const NULLABLE: bool = false;

    #[inline(always)]
    fn outcome(self) -> Result<bool, String> {
        Ok(true)
    }
}

impl Written for Option<()> {
    const NULLABLE: bool = true;

    #[inline(always)]
    fn outcome(self) -> Result<bool, String> {
        Ok(self.is_some())
    }
}

impl<W: Written, E: Display> Written for Result<W, E> {
    const NULLABLE: bool = true;

    #[inline]
    fn outcome(self) -> Result<bool, String> {
        match self {
            Ok(written) => written.outcome(),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Adds a row's error; errors stay in the order of the rows, though those of the arguments come first.
#[cold]
pub(crate) fn add_error(errors: &mut Vec<RowError>, row: usize, message: String) {
    let error = RowError { row: row as u32, message };
    match errors.last() {
        Some(last) if last.row > error.row => {
            let place = errors.partition_point(|other| other.row < error.row);
            errors.insert(place, error);
        }
        _ => errors.push(error),
    }
}
