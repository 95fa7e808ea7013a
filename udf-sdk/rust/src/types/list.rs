//! `ARRAY<t>`.

use super::{Argument, Builder, Node, Nodes, Output, SqlType, View, describe_leaf};
use crate::bitmap::ValidityBuilder;
use crate::contract::{Columns, Field};
use std::ops::Range;

/// An array borrowed from a column: its items are read when they are asked for.
///
/// ```
/// use anabranch_udf::prelude::*;
///
/// /// The longest of some words.
/// #[scalar]
/// fn longest<'a>(words: List<'a, Option<&'a str>>) -> Option<String> {
///     words.iter().flatten().max_by_key(|word| word.len()).map(str::to_owned)
/// }
/// ```
pub struct List<'a, T: Argument<'a>> {
    items: std::rc::Rc<View<'a, T>>,
    range: Range<usize>,
}

impl<'a, T: Argument<'a>> List<'a, T> {
    /// Number of items.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The item at a place, from 0.
    pub fn get(&self, index: usize) -> Option<T> {
        let row = self.range.start.checked_add(index)?;
        self.range.contains(&row).then(|| self.items.value(row))
    }

    /// The items.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator + '_ {
        self.range.clone().map(|row| self.items.value(row))
    }
}

/// The offsets of a column of arrays, and their items.
pub struct Lists<'a, T: Argument<'a>> {
    offsets: &'a [i32],
    pub(super) items: std::rc::Rc<View<'a, T>>,
}

impl<'a, T: Argument<'a>> Lists<'a, T> {
    pub(super) fn read(node: Node<'a>, children: &mut Nodes<'a>) -> Result<Self, String> {
        Ok(Self { offsets: node.offsets()?, items: std::rc::Rc::new(View::read(children)?) })
    }

    #[inline]
    pub(super) fn range(&self, row: usize) -> Range<usize> {
        self.offsets[row] as usize..self.offsets[row + 1] as usize
    }

    pub(super) fn complete(&self, row: usize) -> bool {
        self.range(row).all(|item| self.items.complete(item))
    }
}

fn describe<T: SqlType>(name: &str, nullable: bool, nodes: &mut Field) {
    describe_leaf(name, "+l", nullable, nodes);
    if let Some(node) = nodes.last_mut() {
        node.children = 1;
    }
    T::describe("item", T::NULLABLE, nodes);
}

impl<'a, T: Argument<'a>> SqlType for List<'a, T> {
    fn describe(name: &str, nullable: bool, nodes: &mut Field) {
        describe::<T>(name, nullable, nodes);
    }
}

impl<'a, T: Argument<'a>> Argument<'a> for List<'a, T> {
    type Values = Lists<'a, T>;

    fn read(node: Node<'a>, children: &mut Nodes<'a>) -> Result<Self::Values, String> {
        Lists::read(node, children)
    }

    fn get(values: &Self::Values, row: usize) -> Self {
        Self { items: values.items.clone(), range: values.range(row) }
    }

    fn may_lack(values: &Self::Values) -> bool {
        values.items.may_lack()
    }

    fn complete(values: &Self::Values, row: usize) -> bool {
        values.complete(row)
    }
}

impl<T: SqlType> SqlType for Vec<T> {
    fn describe(name: &str, nullable: bool, nodes: &mut Field) {
        describe::<T>(name, nullable, nodes);
    }
}

impl<'a, T: Argument<'a>> Argument<'a> for Vec<T> {
    type Values = Lists<'a, T>;

    fn read(node: Node<'a>, children: &mut Nodes<'a>) -> Result<Self::Values, String> {
        Lists::read(node, children)
    }

    fn get(values: &Self::Values, row: usize) -> Self {
        values.range(row).map(|item| values.items.value(item)).collect()
    }

    fn may_lack(values: &Self::Values) -> bool {
        values.items.may_lack()
    }

    fn complete(values: &Self::Values, row: usize) -> bool {
        values.complete(row)
    }
}

/// Collects arrays.
pub struct ListBuilder<B> {
    offsets: Vec<[u8; 4]>,
    pub(super) items: B,
    validity: ValidityBuilder,
}

impl<B: Builder> ListBuilder<B> {
    /// Ends a row; its items are there.
    pub(super) fn close(&mut self) {
        self.offsets.push((self.items.len() as i32).to_le_bytes());
        self.validity.push_valid();
    }
}

impl<B: Builder> Builder for ListBuilder<B> {
    fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push([0; 4]);
        Self { offsets, items: B::with_capacity(rows), validity: ValidityBuilder::default() }
    }

    fn append_null(&mut self) {
        self.offsets.push((self.items.len() as i32).to_le_bytes());
        self.validity.push_null();
    }

    fn len(&self) -> usize {
        self.validity.len()
    }

    fn finish(self, columns: &mut Columns) {
        self.validity.finish([self.offsets.into_flattened()], columns);
        self.items.finish(columns);
    }
}

impl<T: Output> Output for Vec<T> {
    type Builder = ListBuilder<T::Builder>;

    fn append(&self, builder: &mut Self::Builder) {
        self.iter().for_each(|item| item.append(&mut builder.items));
        builder.close();
    }
}
