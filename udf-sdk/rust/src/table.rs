//! Table functions: zero or more rows per row.

use std::fmt::Display;
use std::rc::Rc;

use crate::batch::Batch;
use crate::contract::{Columns, Field, RowError, TableChunk};
use crate::selection::Selection;
use crate::types::{Builders, Row, describe_struct};

/// The output of a call, fetched in chunks.
pub trait Cursor {
    /// At most `max_rows` more rows.
    ///
    /// # Errors
    /// A failure of the whole call.
    fn next(&mut self, max_rows: usize) -> Result<TableChunk, String>;
}

/// What a table function may return: anything that iterates over rows, an `Option` of it (`None` is no rows), a
/// `Result` of either (an error is the row's).
pub trait Expansion {
    /// The rows.
    type Rows: Iterator;

    /// The rows, if there are any.
    ///
    /// # Errors
    /// The row's error.
    fn expand(self) -> Result<Option<Self::Rows>, String>;
}

/// Says how a table function's return type is one of those that [`Expansion`] names. The macro picks it by the way the
/// type is written, as `Option` and `Vec` both iterate.
#[derive(Debug)]
pub struct Rows<I>(pub I);

impl<I: IntoIterator> Expansion for Rows<I> {
    type Rows = I::IntoIter;

    #[inline]
    fn expand(self) -> Result<Option<I::IntoIter>, String> {
        Ok(Some(self.0.into_iter()))
    }
}

impl<X: Expansion> Expansion for Option<X> {
    type Rows = X::Rows;

    #[inline]
    fn expand(self) -> Result<Option<X::Rows>, String> {
        self.map_or(Ok(None), X::expand)
    }
}

impl<X: Expansion, E: Display> Expansion for Result<X, E> {
    type Rows = X::Rows;

    #[inline]
    fn expand(self) -> Result<Option<X::Rows>, String> {
        match self {
            Ok(expansion) => expansion.expand(),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The result type of a table function whose rows are `R`.
pub fn result<R: Row>(names: Option<&[&str]>, default: &str) -> Field {
    let mut nodes = Vec::new();
    describe_struct("", false, R::fields(names, default), &mut nodes);
    nodes
}

/// Rows of the call that are yet to be expanded, and those of the current one that are yet to be sent.
struct RowCursor<X: Expansion, F, K> {
    // The order of the fields matters: what borrows from the batch is dropped before it.
    current: Option<(u32, X::Rows)>,
    expand: F,
    selection: Selection,
    next_row: usize,
    _kept: Rc<K>,
    _batch: Rc<Batch>,
}

/// A cursor over the expansions of a batch's rows. `prepare` reads the arguments and returns how a row is expanded;
/// `kept` is what else the function looks at.
///
/// # Errors
/// As `prepare`.
///
/// # Safety
/// What `prepare` is given lives as long as the cursor, not for ever: the function that expands a row must not keep
/// anything that it borrows from its arguments, other than in what it returns. The macro sees to it: it refuses
/// parameters that are written with `'static`, and a function that takes arguments of any lifetime cannot keep them.
pub unsafe fn cursor<X, F, K>(
    batch: Batch,
    kept: Rc<K>,
    prepare: impl FnOnce(&'static K, &'static Batch, &mut Selection) -> Result<F, String>,
) -> Result<Box<dyn Cursor>, String>
where
    X: Expansion + 'static,
    X::Rows: 'static,
    <X::Rows as Iterator>::Item: Row,
    F: FnMut(usize) -> X + 'static,
    K: 'static,
{
    let mut selection = Selection::all(batch.rows());
    let batch = Rc::new(batch);
    // SAFETY: what is behind an `Rc` stays where it is, and the cursor holds both until after it has dropped `current`
    // and `expand`, the only ones that borrow from them; nobody has a mutable reference.
    let (borrowed_kept, borrowed_batch) = unsafe { (&*Rc::as_ptr(&kept), &*Rc::as_ptr(&batch)) };
    let expand = prepare(borrowed_kept, borrowed_batch, &mut selection)?;
    // Taken from the end, row by row.
    selection.errors.reverse();
    Ok(Box::new(RowCursor { current: None, expand, selection, next_row: 0, _kept: kept, _batch: batch }))
}

impl<X, F, K> Cursor for RowCursor<X, F, K>
where
    X: Expansion,
    <X::Rows as Iterator>::Item: Row,
    F: FnMut(usize) -> X,
{
    fn next(&mut self, max_rows: usize) -> Result<TableChunk, String> {
        let max_rows = max_rows.max(1);
        // No more than a guess: a chunk is rarely full, and the host may allow a large one.
        let expected = max_rows.min(4 * (self.selection.rows() - self.next_row) + 16);
        let mut rows: Vec<u32> = Vec::with_capacity(expected);
        let mut builders = <<X::Rows as Iterator>::Item as Row>::Builders::with_capacity(expected);
        let mut errors = Vec::new();
        let done = loop {
            if let Some((row, current)) = &mut self.current {
                while rows.len() < max_rows {
                    let Some(item) = current.next() else { break };
                    item.append_row(&mut builders);
                    rows.push(*row);
                }
                if rows.len() == max_rows {
                    break false;
                }
                self.current = None;
            }
            if self.next_row == self.selection.rows() {
                break true;
            }
            let row = self.next_row;
            self.next_row += 1;
            if self.selection.contains(row) {
                match (self.expand)(row).expand() {
                    Ok(expansion) => self.current = expansion.map(|expansion| (row as u32, expansion)),
                    Err(message) => errors.push(RowError { row: row as u32, message }),
                }
            } else if let Some(error) = self.selection.errors.pop_if(|error| error.row as usize == row) {
                errors.push(error);
            }
        };
        let mut columns = Columns { nodes: Vec::new(), buffers: Vec::new() };
        builders.finish(&mut columns);
        Ok(TableChunk { rows, columns, errors, done })
    }
}
