//! The arguments of a call.

use crate::contract::Column;
use crate::selection::Selection;
use crate::types::{Argument, Nodes, View};

const DIFFERENT_ROWS: &str = "the columns of a call differ in their number of rows (a bug of the host)";

/// The arguments of a call: columns of the same number of rows.
#[derive(Debug)]
pub struct Batch {
    rows: usize,
    columns: Vec<Column>,
}

impl Batch {
    /// A call of so many rows with these arguments.
    ///
    /// # Errors
    /// A column has another number of rows.
    pub fn new(rows: usize, columns: Vec<Column>) -> Result<Self, String> {
        match columns.iter().any(|column| column.first().is_none_or(|node| node.length as usize != rows)) {
            true => Err(DIFFERENT_ROWS.to_owned()),
            false => Ok(Self { rows, columns }),
        }
    }

    /// Number of rows.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// An argument as a column.
    ///
    /// # Errors
    /// As for [`Argument::read`].
    #[inline]
    pub fn view<'a, A: Argument<'a>>(&'a self, argument: usize) -> Result<View<'a, A>, String> {
        match self.columns.get(argument) {
            Some(column) => View::read(&mut Nodes::new(column)),
            None => Err("a call has fewer columns than the function has parameters (a bug of the host)".to_owned()),
        }
    }

    /// An argument of a row-style function. Rows where it is NULL, and `A` cannot be, are dropped from `selection`;
    /// rows where it holds a NULL that `A` cannot, fail.
    ///
    /// # Errors
    /// As for [`Argument::read`].
    #[inline]
    pub fn argument<'a, A: Argument<'a>>(
        &'a self,
        argument: usize,
        name: &str,
        selection: &mut Selection,
    ) -> Result<View<'a, A>, String> {
        let view = self.view::<A>(argument)?;
        // Known already, but told again where the compiler sees it: loops over rows need no other check then.
        if view.len() != self.rows {
            return Err(DIFFERENT_ROWS.to_owned());
        }
        if let (false, Some(validity)) = (A::NULLABLE, view.validity()) {
            selection.and(validity);
        }
        if A::may_lack(&view.data) {
            for row in 0..self.rows {
                if selection.contains(row) && !A::complete(&view.data, row) {
                    selection.fail(row, format!("argument `{name}` holds a NULL where the function takes none"));
                }
            }
        }
        Ok(view)
    }
}
