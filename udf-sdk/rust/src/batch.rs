//! The arguments of a call.

use crate::contract;
use crate::selection::Selection;
use crate::types::{Argument, Nodes, View};

const DIFFERENT_ROWS: &str = "the columns of a call differ in their number of rows (a bug of the host)";

/// The arguments of a call: columns of the same number of rows.
#[derive(Debug)]
pub struct Batch {
    rows: usize,
    columns: contract::Batch,
}

impl Batch {
    /// A call of so many rows with these arguments.
    pub fn new(rows: usize, columns: contract::Batch) -> Self {
        Self { rows, columns }
    }

    /// Number of rows.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns, which are read one after the other.
    #[inline]
    pub fn columns(&self) -> Nodes<'_> {
        Nodes::new(&self.columns)
    }

    /// The next of the columns.
    ///
    /// # Errors
    /// As for [`Argument::read`].
    #[inline]
    pub fn view<'a, A: Argument<'a>>(&'a self, columns: &mut Nodes<'a>) -> Result<View<'a, A>, String> {
        let view = View::read(columns)?;
        // Loops over rows need no other check where the compiler sees this.
        if view.len() != self.rows {
            return Err(DIFFERENT_ROWS.to_owned());
        }
        Ok(view)
    }

    /// The next argument of a row-style function. Rows where it is NULL, and `A` cannot be, are dropped from
    /// `selection`; rows where it holds a NULL that `A` cannot, fail.
    ///
    /// # Errors
    /// As for [`Argument::read`].
    #[inline]
    pub fn argument<'a, A: Argument<'a>>(
        &'a self,
        columns: &mut Nodes<'a>,
        name: &str,
        selection: &mut Selection,
    ) -> Result<View<'a, A>, String> {
        let view = self.view::<A>(columns)?;
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
