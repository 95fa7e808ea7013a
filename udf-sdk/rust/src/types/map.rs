//! `MAP<k, v>`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use super::list::{ListBuilder, Lists};
use super::structure::StructBuilder;
use super::{Argument, Node, Nodes, Output, SqlType, describe_leaf, field};
use crate::contract::Field;

/// A map borrowed from a column: its entries are read when they are asked for.
pub struct Map<'a, K: Argument<'a>, V: Argument<'a>> {
    entries: Rc<super::View<'a, (K, V)>>,
    range: Range<usize>,
}

impl<'a, K: Argument<'a>, V: Argument<'a>> Map<'a, K, V> {
    /// Number of entries.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The entries, in the order of the column.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, V)> + ExactSizeIterator + '_ {
        self.range.clone().map(|row| self.entries.value(row))
    }

    /// The value of a key, looking at one entry after the other.
    pub fn get(&self, key: &K) -> Option<V>
    where
        K: PartialEq,
    {
        self.iter().find(|(candidate, _)| candidate == key).map(|(_, value)| value)
    }
}

fn describe<K: SqlType, V: SqlType>(name: &str, nullable: bool, nodes: &mut Field) {
    describe_leaf(name, "+m", nullable, nodes);
    if let Some(node) = nodes.last_mut() {
        node.children = 1;
    }
    describe_leaf("entries", "+s", false, nodes);
    if let Some(node) = nodes.last_mut() {
        node.children = 2;
    }
    nodes.extend(field::<K>("key", false));
    nodes.extend(field::<V>("value", V::NULLABLE));
}

impl<'a, K: Argument<'a>, V: Argument<'a>> SqlType for Map<'a, K, V> {
    fn describe(name: &str, nullable: bool, nodes: &mut Field) {
        describe::<K, V>(name, nullable, nodes);
    }
}

impl<'a, K: Argument<'a>, V: Argument<'a>> Argument<'a> for Map<'a, K, V> {
    type Values = Lists<'a, (K, V)>;

    fn read(node: Node<'a>, children: &mut Nodes<'a>) -> Result<Self::Values, String> {
        Lists::read(node, children)
    }

    fn get(values: &Self::Values, row: usize) -> Self {
        Self { entries: values.items.clone(), range: values.range(row) }
    }

    fn may_lack(values: &Self::Values) -> bool {
        values.items.may_lack()
    }

    fn complete(values: &Self::Values, row: usize) -> bool {
        values.complete(row)
    }
}

impl<K: SqlType, V: SqlType> SqlType for BTreeMap<K, V> {
    fn describe(name: &str, nullable: bool, nodes: &mut Field) {
        describe::<K, V>(name, nullable, nodes);
    }
}

impl<'a, K: Argument<'a> + Ord, V: Argument<'a>> Argument<'a> for BTreeMap<K, V> {
    type Values = Lists<'a, (K, V)>;

    fn read(node: Node<'a>, children: &mut Nodes<'a>) -> Result<Self::Values, String> {
        Lists::read(node, children)
    }

    fn get(values: &Self::Values, row: usize) -> Self {
        values.range(row).map(|entry| values.items.value(entry)).collect()
    }

    fn may_lack(values: &Self::Values) -> bool {
        values.items.may_lack()
    }

    fn complete(values: &Self::Values, row: usize) -> bool {
        values.complete(row)
    }
}

impl<K: Output, V: Output> Output for BTreeMap<K, V> {
    type Builder = ListBuilder<StructBuilder<(K::Builder, V::Builder)>>;

    fn append(&self, builder: &mut Self::Builder) {
        for (key, value) in self {
            builder.items.append_with(|(keys, values)| {
                key.append(keys);
                value.append(values);
            });
        }
        builder.close();
    }
}
