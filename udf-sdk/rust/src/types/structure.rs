//! `ROW<…>`: structs with `#[derive(Row)]`, and tuples, whose members are named `f0`, `f1` … as Flink does.

use super::{Argument, Builder, Node, Nodes, Output, SqlType, View, describe_leaf, field};
use crate::bitmap::ValidityBuilder;
use crate::contract::{Columns, Field};

/// The builders of several columns that grow together: a tuple of them.
pub trait Builders {
    /// Empty ones with room for so many rows.
    fn with_capacity(rows: usize) -> Self;

    /// Appends a NULL to each.
    fn append_null(&mut self);

    /// Appends the columns.
    fn finish(self, columns: &mut Columns);
}

/// Collects structs.
pub struct StructBuilder<B> {
    members: B,
    validity: ValidityBuilder,
}

impl<B: Builders> StructBuilder<B> {
    /// Appends a row that is not NULL: `append` appends one value to each member.
    #[inline]
    pub fn append_with(&mut self, append: impl FnOnce(&mut B)) {
        append(&mut self.members);
        self.validity.push_valid();
    }
}

impl<B: Builders> Builder for StructBuilder<B> {
    fn with_capacity(rows: usize) -> Self {
        Self { members: B::with_capacity(rows), validity: ValidityBuilder::default() }
    }

    fn append_null(&mut self) {
        self.members.append_null();
        self.validity.push_null();
    }

    fn len(&self) -> usize {
        self.validity.len()
    }

    fn finish(self, columns: &mut Columns) {
        self.validity.finish([], columns);
        self.members.finish(columns);
    }
}

/// Appends the node of a struct; those of its members follow.
pub fn describe_struct(name: &str, nullable: bool, members: Vec<Field>, nodes: &mut Field) {
    describe_leaf(name, "+s", nullable, nodes);
    if let Some(node) = nodes.last_mut() {
        node.children = members.len() as u32;
    }
    nodes.extend(members.into_iter().flatten());
}

/// Whether a member of a struct can be an `A` in this row.
pub fn member_complete<'a, A: Argument<'a>>(member: &View<'a, A>, row: usize) -> bool {
    member.complete(row)
}

/// Whether [`member_complete`] may be false.
pub fn member_may_lack<'a, A: Argument<'a>>(member: &View<'a, A>) -> bool {
    member.may_lack()
}

macro_rules! tuples {
    ($(($($member:ident $index:tt),+))*) => {$(
        impl<$($member: Builder),+> Builders for ($($member,)+) {
            fn with_capacity(rows: usize) -> Self {
                ($($member::with_capacity(rows),)+)
            }

            fn append_null(&mut self) {
                $(self.$index.append_null();)+
            }

            fn finish(self, columns: &mut Columns) {
                $(self.$index.finish(columns);)+
            }
        }

        impl<$($member: SqlType),+> SqlType for ($($member,)+) {
            fn describe(name: &str, nullable: bool, nodes: &mut Field) {
                let members = vec![$(field::<$member>(concat!("f", $index), $member::NULLABLE)),+];
                describe_struct(name, nullable, members, nodes);
            }
        }

        impl<'a, $($member: Argument<'a>),+> Argument<'a> for ($($member,)+) {
            type Values = ($(View<'a, $member>,)+);

            const BUFFERS: usize = 1;

            fn read(_: Node<'a>, children: &mut Nodes<'a>) -> Result<Self::Values, String> {
                Ok(($(View::<$member>::read(children)?,)+))
            }

            fn get(values: &Self::Values, row: usize) -> Self {
                ($(values.$index.value(row),)+)
            }

            fn may_lack(values: &Self::Values) -> bool {
                $(values.$index.may_lack())||+
            }

            fn complete(values: &Self::Values, row: usize) -> bool {
                $(values.$index.complete(row))&&+
            }
        }

        impl<$($member: Output),+> Output for ($($member,)+) {
            type Builder = StructBuilder<($($member::Builder,)+)>;

            fn append(&self, builder: &mut Self::Builder) {
                builder.append_with(|builders| {
                    $(self.$index.append(&mut builders.$index);)+
                });
            }
        }
    )*};
}

/// Calls a macro with the tuples of 1 to 16 members.
macro_rules! with_tuples {
    ($macro:ident) => {
        $macro! {
            (A 0)
            (A 0, B 1)
            (A 0, B 1, C 2)
            (A 0, B 1, C 2, D 3)
            (A 0, B 1, C 2, D 3, E 4)
            (A 0, B 1, C 2, D 3, E 4, F 5)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14)
            (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15)
        }
    };
}

pub(super) use with_tuples;

with_tuples!(tuples);
