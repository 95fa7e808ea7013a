//! Columns that a vectorised function makes.

use std::fmt::Display;
use std::marker::PhantomData;

use crate::bitmap::Bitmap;
use crate::contract::{Field, Parameter, RowError, ScalarResult};
use crate::scalar::add_error;
use crate::selection::Selection;
use crate::types::{Argument, Builder as _, Element, Fixed, Native, Output, SqlType, View, field};

/// A column of arguments, as a vectorised function takes it: `Column<'_, i64>`, `Column<'_, str>`.
pub type Column<'a, T> = View<'a, <T as Element>::Item<'a>>;

/// A column of results, as a vectorised function returns it: `Array<i64>`, `Array<String>`.
///
/// ```
/// use anabranch_udf::prelude::*;
///
/// /// The sum of two numbers, without a look at single rows.
/// #[scalar(vectorized)]
/// fn add(a: Column<'_, i64>, b: Column<'_, i64>) -> Array<i64> {
///     Array::binary(&a, &b, i64::wrapping_add)
/// }
///
/// /// The text without blanks around it.
/// #[scalar(vectorized)]
/// fn trim(text: Column<'_, str>) -> Array<String> {
///     let mut trimmed = ArrayBuilder::with_capacity(text.len());
///     for text in text.iter() {
///         trimmed.append_option(text.map(str::trim));
///     }
///     trimmed.finish()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Array<T> {
    result: ScalarResult,
    of: PhantomData<T>,
}

impl<T: Fixed> Array<T> {
    /// The function's values for all rows; a row whose argument is NULL is NULL.
    ///
    /// The function is called for NULL rows too, with arbitrary values, so that there is no branch in the loop: it must
    /// not panic on any value.
    #[inline]
    pub fn unary<A: Fixed>(a: &View<'_, A>, mut function: impl FnMut(A) -> T) -> Self {
        let value = |a: &A::Native, _: &A::Native| function(A::from_native(*a)).to_native().to_bytes();
        let mut values = Vec::with_capacity(a.len());
        each(a.values(), a.values(), &mut values, value);
        Self::of_native(values, &[a.validity()])
    }

    /// The function's values for all rows; a row one of whose arguments is NULL is NULL.
    ///
    /// The function is called for NULL rows too, with arbitrary values, so that there is no branch in the loop: it must
    /// not panic on any value.
    #[inline]
    pub fn binary<A: Fixed, B: Fixed>(a: &View<'_, A>, b: &View<'_, B>, mut function: impl FnMut(A, B) -> T) -> Self {
        let value =
            |a: &A::Native, b: &B::Native| function(A::from_native(*a), B::from_native(*b)).to_native().to_bytes();
        let mut values = Vec::with_capacity(a.len());
        each(a.values(), b.values(), &mut values, value);
        Self::of_native(values, &[a.validity(), b.validity()])
    }

    #[inline]
    fn of_native(native: Vec<<T::Native as Native>::Bytes>, validities: &[Option<Bitmap<'_>>]) -> Self {
        let mut selection = Selection::all(native.len());
        validities.iter().flatten().for_each(|validity| selection.and(*validity));
        Self::new(selection.column(T::Native::buffer(native)), Vec::new())
    }
}

/// Values that one round of the loop makes. The host may interrupt at the end of each, which costs as much as some values.
const ROUND: usize = 32;

/// Appends what `value` makes of each pair.
///
/// A function of its own, so that the loop has all registers. A round reads all values before it writes any: so it is
/// known that none of those read is one of those written, and they are made several at once.
#[inline(never)]
fn each<A, B, T>(a: &[A], b: &[B], out: &mut Vec<T>, mut value: impl FnMut(&A, &B) -> T) {
    let rows = a.len().min(b.len());
    out.reserve(rows);
    let (a, b) = (&a[..rows], &b[..rows]);
    let room = &mut out.spare_capacity_mut()[..rows];
    let mut rounds = room.chunks_exact_mut(ROUND);
    let (mut a_rounds, mut b_rounds) = (a.chunks_exact(ROUND), b.chunks_exact(ROUND));
    for ((room, a), b) in (&mut rounds).zip(&mut a_rounds).zip(&mut b_rounds) {
        let values: [T; ROUND] = std::array::from_fn(|lane| value(&a[lane], &b[lane]));
        for (room, value) in room.iter_mut().zip(values) {
            room.write(value);
        }
    }
    let rest = rounds.into_remainder().iter_mut().zip(a_rounds.remainder()).zip(b_rounds.remainder());
    for ((room, a), b) in rest {
        room.write(value(a, b));
    }
    // SAFETY: all of these rows have been written.
    unsafe { out.set_len(out.len() + rows) };
}

impl<T> Array<T> {
    fn new(column: crate::contract::Columns, errors: Vec<RowError>) -> Self {
        Self { result: ScalarResult { column, errors }, of: PhantomData }
    }
}

impl<T: Output> FromIterator<Option<T>> for Array<T> {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(values: I) -> Self {
        let values = values.into_iter();
        let mut builder = ArrayBuilder::with_capacity(values.size_hint().0);
        values.for_each(|value| builder.append_option(value));
        builder.finish()
    }
}

/// Collects a column of results, row by row.
pub struct ArrayBuilder<T: Output> {
    builder: T::Builder,
    errors: Vec<RowError>,
}

impl<T: Output> ArrayBuilder<T> {
    /// An empty one with room for so many rows.
    pub fn with_capacity(rows: usize) -> Self {
        Self { builder: T::Builder::with_capacity(rows), errors: Vec::new() }
    }

    /// Appends a value. It may be borrowed: a `&str` goes into an `Array<String>`.
    #[inline]
    pub fn append<V: Output<Builder = T::Builder>>(&mut self, value: V) {
        value.append(&mut self.builder);
    }

    /// Appends a NULL.
    pub fn append_null(&mut self) {
        self.builder.append_null();
    }

    /// Appends a value, or else a NULL.
    #[inline]
    pub fn append_option<V: Output<Builder = T::Builder>>(&mut self, value: Option<V>) {
        match value {
            Some(value) => self.append(value),
            None => self.append_null(),
        }
    }

    /// Appends a row that failed.
    pub fn append_error(&mut self, error: impl Display) {
        add_error(&mut self.errors, self.builder.len(), error.to_string());
        self.builder.append_null();
    }

    /// The column.
    pub fn finish(self) -> Array<T> {
        Array::new(crate::types::column(self.builder), self.errors)
    }
}

/// What a vectorised function may return: an [`Array`], or a `Result` of it, whose error is the call's.
pub trait ReturnArray {
    /// The type of the values.
    fn field() -> Field;

    /// The column of a call of so many rows.
    ///
    /// # Errors
    /// The function failed, or its column has another number of rows.
    fn result(self, rows: usize) -> Result<ScalarResult, String>;
}

impl<T: SqlType> ReturnArray for Array<T> {
    fn field() -> Field {
        field::<T>("", true)
    }

    fn result(self, rows: usize) -> Result<ScalarResult, String> {
        match self.result.column.nodes.first().map_or(0, |(length, _)| *length as usize) {
            length if length == rows => Ok(self.result),
            length => Err(format!("the function returned a column of {length} rows where it was given {rows}")),
        }
    }
}

impl<R: ReturnArray, E: Display> ReturnArray for Result<R, E> {
    fn field() -> Field {
        R::field()
    }

    fn result(self, rows: usize) -> Result<ScalarResult, String> {
        self.map_err(|error| error.to_string())?.result(rows)
    }
}

/// A parameter of a vectorised function.
pub trait ArgumentColumn {
    /// How it is described.
    fn parameter(name: &str) -> Parameter;
}

impl<'a, A: Argument<'a>> ArgumentColumn for View<'a, A> {
    fn parameter(name: &str) -> Parameter {
        crate::function::parameter::<A>(name)
    }
}
