//! SQL types and the Rust types that stand for them: how a column is described, read and written.
//!
//! | SQL | Rust, as an argument | Rust, as a result |
//! |---|---|---|
//! | `BOOLEAN` | `bool` | `bool` |
//! | `TINYINT`, `SMALLINT`, `INT`, `BIGINT` | `i8`, `i16`, `i32`, `i64` | the same |
//! | `FLOAT`, `DOUBLE` | `f32`, `f64` | the same |
//! | `DECIMAL(p, s)` | [`Decimal<p, s>`](crate::Decimal) | the same |
//! | `STRING` | `&str`, `String`, `Cow<str>` | the same, or a [`TextWriter`](crate::TextWriter) |
//! | `BYTES` | `&[u8]`, `Vec<u8>` | the same |
//! | `DATE`, `TIME` | [`Date`](crate::Date), [`Time`](crate::Time) | the same |
//! | `TIMESTAMP(p)`, `TIMESTAMP_LTZ(p)` | [`Timestamp<p>`](crate::Timestamp), [`TimestampLtz<p>`](crate::TimestampLtz) | the same |
//! | `INTERVAL YEAR TO MONTH` | [`IntervalYearMonth`](crate::IntervalYearMonth) | the same |
//! | `INTERVAL DAY TO SECOND` | [`IntervalDaySecond`](crate::IntervalDaySecond) | the same |
//! | `ARRAY<t>` | `Vec<T>`, [`List<T>`](crate::List) | `Vec<T>` |
//! | `MAP<k, v>` | `BTreeMap<K, V>`, [`Map<K, V>`](crate::Map) | `BTreeMap<K, V>` |
//! | `ROW<…>` | a struct with `#[derive(Row)]` | the same |
//!
//! `Option<T>` stands for a value that may be NULL, at any depth.

mod decimal;
mod fixed;
mod list;
mod map;
mod nullable;
mod row;
mod structure;
mod text;
mod time;

pub use decimal::{Decimal, DecimalError};
pub use fixed::{Fixed, FixedBuilder, Native};
pub use list::List;
pub use map::Map;
pub use row::{Row, RowArgument};
pub use structure::{Builders, StructBuilder, describe_struct, member_complete, member_may_lack};
pub use text::{Bytes, TextWriter, write_rows};
pub use time::{Date, IntervalDaySecond, IntervalYearMonth, Time, Timestamp, TimestampLtz};

use crate::bitmap::Bitmap;
use crate::contract::{Batch, Columns, Field, FieldNode};
use crate::selection::Selection;

/// A Rust type that stands for an SQL type.
pub trait SqlType {
    /// Whether a value may be NULL.
    const NULLABLE: bool = false;

    /// Appends the nodes of a field of this type.
    fn describe(name: &str, nullable: bool, nodes: &mut Field);
}

/// The nodes of a field of type `T`.
pub fn field<T: SqlType>(name: &str, nullable: bool) -> Field {
    let mut nodes = Vec::new();
    T::describe(name, nullable, &mut nodes);
    nodes
}

/// Whether two fields have the same type, whatever the names and which rows may be NULL.
pub(crate) fn same_type(one: &[FieldNode], other: &[FieldNode]) -> bool {
    let shape = |node: &FieldNode| (node.format.clone(), node.children);
    one.iter().map(shape).eq(other.iter().map(shape))
}

/// Appends a node without children.
pub(crate) fn describe_leaf(name: &str, format: &str, nullable: bool, nodes: &mut Field) {
    nodes.push(FieldNode { name: name.to_owned(), format: format.to_owned(), nullable, children: 0 });
}

/// A type that can be read from a column borrowed for `'a`.
pub trait Argument<'a>: SqlType + Sized {
    /// The buffers of a column, as the type sees them.
    type Values;

    /// How many buffers a node of this type has, the validity among them; children have their own.
    const BUFFERS: usize = 2;

    /// Finds the buffers in a node, and in the nodes after it those of its children.
    ///
    /// # Errors
    /// What is wrong with the column; only a host that breaks the contract gets here.
    fn read(node: Node<'a>, children: &mut Nodes<'a>) -> Result<Self::Values, String>;

    /// The value of a row that is not NULL.
    fn get(values: &Self::Values, row: usize) -> Self;

    /// The same of a column of so many rows: says to the compiler how many there are.
    #[inline(always)]
    fn of_rows(values: Self::Values, _rows: usize) -> Self::Values {
        values
    }

    /// Whether a row may hold, inside of it, a NULL that this type cannot represent: a NULL item in a `Vec<i64>`.
    fn may_lack(_values: &Self::Values) -> bool {
        false
    }

    /// Whether a row has everything that this type needs; called only where [`Argument::may_lack`].
    fn complete(_values: &Self::Values, _row: usize) -> bool {
        true
    }
}

/// A type that can be written to a column.
pub trait Output: SqlType + Sized {
    /// What collects the values.
    type Builder: Builder;

    /// Appends the value.
    fn append(&self, builder: &mut Self::Builder);

    /// The column of the values of the selected rows, NULL in the others.
    #[inline]
    fn collect(selection: &Selection, mut value: impl FnMut(usize) -> Self) -> Columns {
        Self::collect_nullable(selection, |row| Some(value(row)))
    }

    /// The column of the values of the selected rows, NULL in the others and where there is none.
    #[inline]
    fn collect_nullable(selection: &Selection, mut value: impl FnMut(usize) -> Option<Self>) -> Columns {
        let mut builder = Self::Builder::with_capacity(selection.rows());
        selection.visit(|row, selected| match if selected { value(row) } else { None } {
            Some(value) => value.append(&mut builder),
            None => builder.append_null(),
        });
        column(builder)
    }
}

/// A column under construction.
pub trait Builder: Sized {
    /// An empty one with room for so many rows.
    fn with_capacity(rows: usize) -> Self;

    /// Appends a NULL.
    fn append_null(&mut self);

    /// Rows so far.
    fn len(&self) -> usize;

    /// Whether there is no row yet.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the column's nodes and buffers.
    fn finish(self, columns: &mut Columns);
}

/// No node has more buffers than this: validity, offsets, data.
const MAX_BUFFERS: usize = 3;

/// A finished column.
pub fn column(builder: impl Builder) -> Columns {
    let mut columns = Columns { nodes: Vec::with_capacity(1), buffers: Vec::with_capacity(MAX_BUFFERS) };
    builder.finish(&mut columns);
    columns
}

/// Appends a node with its buffers, the validity first.
pub(crate) fn push_node(
    columns: &mut Columns,
    rows: usize,
    null_count: usize,
    validity: Vec<u8>,
    data: impl IntoIterator<Item = Vec<u8>>,
) {
    columns.nodes.push((rows as u32, null_count as u32));
    columns.buffers.push(validity);
    columns.buffers.extend(data);
}

/// The nodes of columns, read in pre-order, one column after the other.
#[derive(Debug)]
pub struct Nodes<'a> {
    /// What is left of the layout.
    layout: &'a [u32],
    data: &'a [u8],
    /// Where the last buffer ends.
    end: usize,
}

impl<'a> Nodes<'a> {
    /// Where each buffer begins: at a multiple of this.
    pub(crate) const ALIGNMENT: usize = 16;

    /// The nodes of columns.
    pub fn new(columns: &'a Batch) -> Self {
        Self { layout: &columns.layout, data: &columns.data, end: 0 }
    }

    fn take(&mut self, buffers: usize) -> Result<Node<'a>, String> {
        let ([rows, null_count, lengths @ ..], rest) = self.layout.split_at_checked(2 + buffers).ok_or(FEWER_NODES)?
        else {
            return Err(FEWER_NODES.to_owned());
        };
        let mut node = Node { rows: *rows as usize, null_count: *null_count as usize, buffers: [&[]; MAX_BUFFERS] };
        for (buffer, length) in node.buffers.iter_mut().zip(lengths) {
            if *length > 0 {
                let start = self.end.next_multiple_of(Self::ALIGNMENT);
                self.end = start + *length as usize;
                *buffer = self.data.get(start..self.end).ok_or("a buffer ends behind its batch (a bug of the host)")?;
            }
        }
        self.layout = rest;
        Ok(node)
    }
}

const FEWER_NODES: &str = "a call has fewer columns than were agreed on (a bug of the host)";

/// One node of a column.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    rows: usize,
    null_count: usize,
    buffers: [&'a [u8]; MAX_BUFFERS],
}

impl<'a> Node<'a> {
    /// Rows of the node.
    #[inline]
    pub fn rows(self) -> usize {
        self.rows
    }

    /// The validity; `None` where nothing is NULL.
    ///
    /// # Errors
    /// The bitmap is too short.
    pub fn validity(self) -> Result<Option<Bitmap<'a>>, String> {
        if self.null_count == 0 {
            return Ok(None);
        }
        match Bitmap::new(self.buffers[0], self.rows()) {
            Some(bitmap) => Ok(Some(bitmap)),
            None => Err("a validity bitmap is too short (a bug of the host)".to_owned()),
        }
    }

    /// A buffer by its place in the Arrow columnar format, the validity being 0: one of [`Argument::BUFFERS`].
    #[inline]
    pub fn buffer(self, index: usize) -> &'a [u8] {
        self.buffers[index]
    }

    /// The first `length` values of a buffer.
    ///
    /// # Errors
    /// The buffer is too short, or not aligned.
    pub fn typed<T: Native>(self, index: usize, length: usize) -> Result<&'a [T], String> {
        let values = T::slice(self.buffer(index))
            .ok_or("a buffer is not aligned to its values; a package needs an allocator that aligns to 8 bytes")?;
        match values.get(..length) {
            Some(values) => Ok(values),
            None => Err("a buffer is shorter than its column (a bug of the host)".to_owned()),
        }
    }

    /// The offsets of a node with lists, text or bytes: one more than rows.
    ///
    /// # Errors
    /// As for [`Node::typed`].
    pub fn offsets(self) -> Result<&'a [i32], String> {
        if self.rows() == 0 {
            return Ok(&[0]);
        }
        self.typed(1, self.rows() + 1)
    }
}

/// A column of arguments.
///
/// In a vectorised function it is written [`Column<'_, T>`](crate::Column).
pub struct View<'a, A: Argument<'a>> {
    rows: usize,
    validity: Option<Bitmap<'a>>,
    pub(crate) data: A::Values,
}

impl<'a, A: Argument<'a>> View<'a, A> {
    /// Reads the next column of `nodes`.
    ///
    /// # Errors
    /// As for [`Argument::read`].
    #[inline]
    pub fn read(nodes: &mut Nodes<'a>) -> Result<Self, String> {
        let node = nodes.take(A::BUFFERS)?;
        Ok(Self { rows: node.rows(), validity: node.validity()?, data: A::read(node, nodes)? })
    }

    /// The same of a column that has so many rows: says to the compiler how many there are, so that a loop over them needs
    /// no other check.
    ///
    /// # Panics
    /// It has fewer.
    #[inline(always)]
    pub fn of_rows(self, rows: usize) -> Self {
        assert!(rows <= self.rows);
        Self { rows, validity: self.validity, data: A::of_rows(self.data, rows) }
    }

    /// Number of rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// One bit per row, clear where it is NULL; `None` where nothing is NULL.
    #[inline]
    pub fn validity(&self) -> Option<Bitmap<'a>> {
        self.validity
    }

    /// Whether a row is NULL.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.validity.is_some_and(|validity| !validity.get(row))
    }

    /// The value of a row; `None` where it is NULL.
    ///
    /// # Panics
    /// There is no such row.
    #[inline]
    pub fn get(&self, row: usize) -> Option<A> {
        if self.is_null(row) { None } else { Some(self.value(row)) }
    }

    /// The value of a row, not looking whether it is NULL, where it is arbitrary.
    ///
    /// # Panics
    /// There is no such row.
    #[inline(always)]
    pub fn value(&self, row: usize) -> A {
        A::get(&self.data, row)
    }

    /// The values, `None` where NULL.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<A>> + '_ {
        (0..self.rows).map(|row| self.get(row))
    }

    /// Whether a row, an item of something, can be an `A`.
    pub(crate) fn complete(&self, row: usize) -> bool {
        if self.is_null(row) { A::NULLABLE } else { A::complete(&self.data, row) }
    }

    /// Whether [`View::complete`] may be false.
    pub(crate) fn may_lack(&self) -> bool {
        (self.validity.is_some() && !A::NULLABLE) || A::may_lack(&self.data)
    }
}

/// An SQL type as the parameter of a [`Column`](crate::Column): `i64`, `str`, `[u8]`, `Date` …
pub trait Element {
    /// A value borrowed from a column.
    type Item<'a>: Argument<'a>;
}

impl<T: for<'a> Argument<'a>> Element for T {
    type Item<'a> = T;
}

impl Element for str {
    type Item<'a> = &'a str;
}

impl Element for [u8] {
    type Item<'a> = &'a [u8];
}
