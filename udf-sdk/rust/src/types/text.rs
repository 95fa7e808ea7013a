//! `STRING` and `BYTES`.

use std::borrow::Cow;
use std::fmt;

use super::{Argument, Builder, Node, Nodes, Output, SqlType, describe_leaf};
use crate::bitmap::ValidityBuilder;
use crate::contract::{Columns, Field, ScalarResult};
use crate::scalar::{Written, add_error};
use crate::selection::Selection;

/// The offsets and the data of a column of text or bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    offsets: &'a [i32],
    data: &'a [u8],
}

impl<'a> Bytes<'a> {
    #[inline]
    fn read(node: Node<'a>) -> Result<Self, String> {
        Ok(Self { offsets: node.offsets()?, data: node.buffer(2) })
    }

    #[inline(always)]
    fn get(&self, row: usize) -> &'a [u8] {
        &self.data[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    #[inline(always)]
    fn text(&self, row: usize) -> &'a str {
        // SAFETY: the contract says that a column of type `u` holds UTF-8 in every row that is not NULL. The host
        // sends Arrow arrays, which guarantee it; the helpers in `testing` build columns from Rust's own strings.
        unsafe { std::str::from_utf8_unchecked(self.get(row)) }
    }
}

/// Collects text or bytes.
#[derive(Debug)]
pub struct BytesBuilder {
    offsets: Vec<[u8; 4]>,
    data: Vec<u8>,
    validity: ValidityBuilder,
}

impl BytesBuilder {
    #[inline]
    fn append(&mut self, value: &[u8]) {
        self.data.extend_from_slice(value);
        self.close();
        self.validity.push_valid();
    }

    /// Ends the row's data. A call's data fits: in 32-bit memory no `Vec` grows past `i32::MAX` bytes.
    #[inline]
    fn close(&mut self) {
        self.offsets.push((self.data.len() as i32).to_le_bytes());
    }
}

impl Builder for BytesBuilder {
    fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push([0; 4]);
        Self { offsets, data: Vec::with_capacity(rows * 8), validity: ValidityBuilder::default() }
    }

    fn append_null(&mut self) {
        self.close();
        self.validity.push_null();
    }

    fn len(&self) -> usize {
        self.validity.len()
    }

    fn finish(self, columns: &mut Columns) {
        self.validity.finish([self.offsets.into_flattened(), self.data], columns);
    }
}

macro_rules! describe {
    ($($type:ty: $format:literal),*) => {$(
        impl SqlType for $type {
            fn describe(name: &str, nullable: bool, nodes: &mut Field) {
                describe_leaf(name, $format, nullable, nodes);
            }
        }
    )*};
}

describe!(&str: "u", String: "u", Cow<'_, str>: "u", &[u8]: "z", Vec<u8>: "z");

macro_rules! read {
    ($($type:ty: $get:expr),*) => {$(
        impl<'a> Argument<'a> for $type {
            type Values = Bytes<'a>;

            const BUFFERS: usize = 3;

            #[inline]
            fn read(node: Node<'a>, _: &mut Nodes<'a>) -> Result<Self::Values, String> {
                Bytes::read(node)
            }

            #[inline(always)]
            fn get(values: &Self::Values, row: usize) -> Self {
                $get(values, row)
            }
        }
    )*};
}

read! {
    &'a str: Bytes::text,
    String: |values: &Bytes<'a>, row| values.text(row).to_owned(),
    Cow<'a, str>: |values: &Bytes<'a>, row| Cow::Borrowed(values.text(row)),
    &'a [u8]: Bytes::get,
    Vec<u8>: |values: &Bytes<'a>, row| values.get(row).to_vec()
}

macro_rules! write {
    ($($type:ty: $value:ident => $bytes:expr),*) => {$(
        impl Output for $type {
            type Builder = BytesBuilder;

            #[inline]
            fn append(&self, builder: &mut Self::Builder) {
                let $value = self;
                builder.append($bytes);
            }
        }
    )*};
}

write! {
    &str: text => text.as_bytes(),
    String: text => text.as_bytes(),
    Cow<'_, str>: text => text.as_bytes(),
    &[u8]: bytes => bytes,
    Vec<u8>: bytes => bytes
}

/// Where a function writes its text, instead of returning a `String` of its own for each row.
///
/// ```
/// use anabranch_udf::prelude::*;
///
/// /// Says hello.
/// #[scalar]
/// fn greet(name: &str, out: &mut TextWriter<'_>) {
///     out.push_str("Hello, ");
///     out.push_str(name);
///     out.push('!');
/// }
/// ```
#[derive(Debug)]
pub struct TextWriter<'a> {
    data: &'a mut Vec<u8>,
}

impl TextWriter<'_> {
    /// Appends text to the value.
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        self.data.extend_from_slice(text.as_bytes());
    }

    /// Appends a character to the value.
    #[inline]
    pub fn push(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }
}

impl fmt::Write for TextWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

/// The column of the texts that `write` leaves for the selected rows.
#[inline]
pub fn write_rows<W: Written>(
    mut selection: Selection,
    mut write: impl FnMut(usize, &mut TextWriter<'_>) -> W,
) -> ScalarResult {
    let mut errors = std::mem::take(&mut selection.errors);
    let mut builder = BytesBuilder::with_capacity(selection.rows());
    selection.visit(|row, selected| {
        let start = builder.data.len();
        let written = match selected {
            true => write(row, &mut TextWriter { data: &mut builder.data }).outcome(),
            false => Ok(false),
        };
        match written {
            Ok(true) => {
                builder.close();
                builder.validity.push_valid();
            }
            other => {
                builder.data.truncate(start);
                builder.append_null();
                if let Err(message) = other {
                    add_error(&mut errors, row, message);
                }
            }
        }
    });
    ScalarResult { column: super::column(builder), errors }
}
