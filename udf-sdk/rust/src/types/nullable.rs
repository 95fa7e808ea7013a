//! `Option`: a value that may be NULL.

use super::{Argument, Builder, Node, Nodes, Output, SqlType};
use crate::bitmap::Bitmap;
use crate::contract::{Columns, Field};
use crate::selection::Selection;

impl<T: SqlType> SqlType for Option<T> {
    const NULLABLE: bool = true;

    fn describe(name: &str, _: bool, nodes: &mut Field) {
        T::describe(name, true, nodes);
    }
}

impl<'a, T: Argument<'a>> Argument<'a> for Option<T> {
    type Values = (Option<Bitmap<'a>>, T::Values);

    const BUFFERS: usize = T::BUFFERS;

    #[inline]
    fn read(node: Node<'a>, children: &mut Nodes<'a>) -> Result<Self::Values, String> {
        Ok((node.validity()?, T::read(node, children)?))
    }

    #[inline(always)]
    fn get((validity, values): &Self::Values, row: usize) -> Self {
        match validity {
            Some(validity) if !validity.get(row) => None,
            _ => Some(T::get(values, row)),
        }
    }

    #[inline(always)]
    fn of_rows((validity, values): Self::Values, rows: usize) -> Self::Values {
        (validity, T::of_rows(values, rows))
    }

    fn may_lack((_, values): &Self::Values) -> bool {
        T::may_lack(values)
    }

    fn complete((validity, values): &Self::Values, row: usize) -> bool {
        validity.is_some_and(|validity| !validity.get(row)) || T::complete(values, row)
    }
}

impl<T: Output> Output for Option<T> {
    type Builder = T::Builder;

    #[inline]
    fn append(&self, builder: &mut Self::Builder) {
        match self {
            Some(value) => value.append(builder),
            None => builder.append_null(),
        }
    }

    #[inline]
    fn collect(selection: &Selection, value: impl FnMut(usize) -> Self) -> Columns {
        T::collect_nullable(selection, value)
    }

    #[inline]
    fn collect_nullable(selection: &Selection, mut value: impl FnMut(usize) -> Option<Self>) -> Columns {
        T::collect_nullable(selection, |row| value(row).flatten())
    }
}
