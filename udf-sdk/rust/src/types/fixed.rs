//! Types with values of a fixed number of bytes, and booleans.

use super::{Argument, Builder, Node, Nodes, Output, SqlType, View, describe_leaf};
use crate::bitmap::{Bitmap, BitmapBuilder, ValidityBuilder, word_mask};
use crate::contract::{Columns, Field};
use crate::selection::{Selection, column_of_words};

mod sealed {
    pub trait Sealed {}
}

/// A value as it lies in a buffer.
pub trait Native: Copy + Default + sealed::Sealed + 'static {
    /// Its bytes, little-endian.
    type Bytes: Copy;

    /// The bytes of the value.
    fn to_bytes(self) -> Self::Bytes;

    /// The bytes of many values as a buffer, which is not copied.
    fn buffer(values: Vec<Self::Bytes>) -> Vec<u8>;

    /// A buffer as values; `None` if it is not aligned.
    fn slice(bytes: &[u8]) -> Option<&[Self]>;
}

macro_rules! natives {
    ($($native:ty),*) => {$(
        impl sealed::Sealed for $native {}
        impl Native for $native {
            type Bytes = [u8; size_of::<$native>()];

            #[inline(always)]
            fn to_bytes(self) -> Self::Bytes {
                self.to_le_bytes()
            }

            fn buffer(values: Vec<Self::Bytes>) -> Vec<u8> {
                values.into_flattened()
            }

            #[inline]
            fn slice(bytes: &[u8]) -> Option<&[Self]> {
                // SAFETY: every bit pattern is a number, and `align_to` hands out aligned ones only. WebAssembly is
                // little-endian, as are the buffers; so are the machines that run the native tests.
                let (before, values, _) = unsafe { bytes.align_to::<$native>() };
                before.is_empty().then_some(values)
            }
        }
    )*};
}

natives!(i8, i16, i32, i64, f32, f64);

impl sealed::Sealed for [u8; 16] {}

/// 128-bit numbers, which Arrow's buffers do not promise to align.
impl Native for [u8; 16] {
    type Bytes = [u8; 16];

    #[inline(always)]
    fn to_bytes(self) -> Self::Bytes {
        self
    }

    fn buffer(values: Vec<Self::Bytes>) -> Vec<u8> {
        values.into_flattened()
    }

    #[inline]
    fn slice(bytes: &[u8]) -> Option<&[Self]> {
        Some(bytes.as_chunks().0)
    }
}

/// A type whose values lie one after the other in one buffer.
pub trait Fixed: Copy {
    /// How a value lies in the buffer.
    type Native: Native;

    /// The format string of the type.
    fn format() -> std::borrow::Cow<'static, str>;

    /// The value of what lies in the buffer.
    fn from_native(native: Self::Native) -> Self;

    /// What lies in the buffer for a value.
    fn to_native(self) -> Self::Native;
}

macro_rules! numbers {
    ($($number:ty: $format:literal),*) => {$(
        impl Fixed for $number {
            type Native = Self;

            fn format() -> std::borrow::Cow<'static, str> {
                $format.into()
            }

            #[inline(always)]
            fn from_native(native: Self) -> Self {
                native
            }

            #[inline(always)]
            fn to_native(self) -> Self {
                self
            }
        }
    )*};
}

numbers!(i8: "c", i16: "s", i32: "i", i64: "l", f32: "f", f64: "g");

impl<T: Fixed> SqlType for T {
    fn describe(name: &str, nullable: bool, nodes: &mut Field) {
        describe_leaf(name, &T::format(), nullable, nodes);
    }
}

impl<'a, T: Fixed> Argument<'a> for T {
    type Values = &'a [T::Native];

    #[inline]
    fn read(node: Node<'a>, _: &mut Nodes<'a>) -> Result<Self::Values, String> {
        node.typed(1, node.rows())
    }

    #[inline(always)]
    fn get(values: &Self::Values, row: usize) -> Self {
        T::from_native(values[row])
    }

    #[inline(always)]
    fn of_rows(values: Self::Values, rows: usize) -> Self::Values {
        &values[..rows]
    }
}

impl<'a, T: Fixed> View<'a, T> {
    /// The values as they lie in memory; arbitrary where a row is NULL.
    #[inline]
    pub fn values(&self) -> &'a [T::Native] {
        self.data
    }
}

/// Collects values of a fixed number of bytes.
pub struct FixedBuilder<N: Native> {
    values: Vec<N::Bytes>,
    validity: ValidityBuilder,
}

impl<N: Native> FixedBuilder<N> {
    #[inline]
    fn append(&mut self, value: N) {
        self.values.push(value.to_bytes());
        self.validity.push_valid();
    }
}

impl<N: Native> Builder for FixedBuilder<N> {
    fn with_capacity(rows: usize) -> Self {
        Self { values: Vec::with_capacity(rows), validity: ValidityBuilder::default() }
    }

    fn append_null(&mut self) {
        self.values.push(N::default().to_bytes());
        self.validity.push_null();
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn finish(self, columns: &mut Columns) {
        self.validity.finish([N::buffer(self.values)], columns);
    }
}

impl<T: Fixed> Output for T {
    type Builder = FixedBuilder<T::Native>;

    #[inline]
    fn append(&self, builder: &mut Self::Builder) {
        builder.append(self.to_native());
    }

    #[inline]
    fn collect(selection: &Selection, mut value: impl FnMut(usize) -> Self) -> Columns {
        let rows = selection.rows();
        let mut values = Vec::with_capacity(rows);
        // Ranges have a known length, so that `extend` writes without looking at the capacity, and can be vectorised.
        match selection.words() {
            None => values.extend((0..rows).map(|row| value(row).to_native().to_bytes())),
            Some(words) => {
                for (index, word) in words.iter().copied().enumerate() {
                    let start = index * 64;
                    let end = rows.min(start + 64);
                    if word == word_mask(rows, index) {
                        values.extend((start..end).map(|row| value(row).to_native().to_bytes()));
                    } else {
                        values.extend((start..end).map(|row| {
                            let selected = (word >> (row - start)) & 1 == 1;
                            let native = if selected { value(row).to_native() } else { T::Native::default() };
                            native.to_bytes()
                        }));
                    }
                }
            }
        }
        selection.column(T::Native::buffer(values))
    }

    #[inline]
    fn collect_nullable(selection: &Selection, mut value: impl FnMut(usize) -> Option<Self>) -> Columns {
        let rows = selection.rows();
        let mut values = Vec::with_capacity(rows);
        let mut valid = Vec::with_capacity(rows.div_ceil(64));
        for index in 0..rows.div_ceil(64) {
            let start = index * 64;
            let end = rows.min(start + 64);
            let selected = selection.words().map_or(u64::MAX, |words| words[index]);
            let mut word = 0;
            values.extend((start..end).map(|row| {
                let bit = 1 << (row - start);
                let native = match if selected & bit != 0 { value(row) } else { None } {
                    Some(value) => {
                        word |= bit;
                        value.to_native()
                    }
                    None => T::Native::default(),
                };
                native.to_bytes()
            }));
            valid.push(word);
        }
        column_of_words(Some(&valid), rows, T::Native::buffer(values))
    }
}

impl SqlType for bool {
    fn describe(name: &str, nullable: bool, nodes: &mut Field) {
        describe_leaf(name, "b", nullable, nodes);
    }
}

impl<'a> Argument<'a> for bool {
    type Values = Bitmap<'a>;

    fn read(node: Node<'a>, _: &mut Nodes<'a>) -> Result<Self::Values, String> {
        Bitmap::new(node.buffer(1), node.rows())
            .ok_or_else(|| "a buffer is shorter than its column (a bug of the host)".to_owned())
    }

    #[inline(always)]
    fn get(values: &Self::Values, row: usize) -> Self {
        values.get(row)
    }
}

/// Collects booleans.
#[derive(Debug, Default)]
pub struct BoolBuilder {
    values: BitmapBuilder,
    validity: ValidityBuilder,
}

impl Builder for BoolBuilder {
    fn with_capacity(rows: usize) -> Self {
        Self { values: BitmapBuilder::with_capacity(rows), validity: ValidityBuilder::default() }
    }

    fn append_null(&mut self) {
        self.values.push(false);
        self.validity.push_null();
    }

    fn len(&self) -> usize {
        self.validity.len()
    }

    fn finish(self, columns: &mut Columns) {
        self.validity.finish([self.values.finish()], columns);
    }
}

impl Output for bool {
    type Builder = BoolBuilder;

    #[inline]
    fn append(&self, builder: &mut Self::Builder) {
        builder.values.push(*self);
        builder.validity.push_valid();
    }
}
