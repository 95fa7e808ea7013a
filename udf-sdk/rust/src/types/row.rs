//! Rows: several columns together, as a table function gives them and a state is kept.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::structure::{Builders, with_tuples};
use super::{Argument, Fixed, Nodes, Output, View, field};
use crate::contract::Field;

/// What makes up a row of columns: one value, a tuple of values, or a struct with `#[derive(Row)]`.
pub trait Row {
    /// Number of columns.
    const COLUMNS: usize;

    /// The builders of the columns.
    type Builders: Builders;

    /// The columns' fields. `names` are those that the author gave, `default` is that of a single column without one.
    fn fields(names: Option<&[&str]>, default: &str) -> Vec<Field>;

    /// Appends one value to each column.
    fn append_row(&self, builders: &mut Self::Builders);
}

/// What a row can be read as, from columns borrowed for `'a`.
pub trait RowArgument<'a>: Sized {
    /// The columns.
    type Views;

    /// Finds the buffers of the columns.
    ///
    /// # Errors
    /// As for [`Argument::read`].
    fn read(columns: &mut Nodes<'a>) -> Result<Self::Views, String>;

    /// The values of a row.
    fn get(views: &Self::Views, row: usize) -> Self;
}

/// The name that the author gave a column, or else `default`.
fn name<'n>(names: Option<&[&'n str]>, index: usize, default: &'n str) -> &'n str {
    names.and_then(|names| names.get(index).copied()).unwrap_or(default)
}

/// Implements [`Row`] and [`RowArgument`] for types that are one column.
macro_rules! single_column {
    () => {
        const COLUMNS: usize = 1;

        type Builders = (<Self as Output>::Builder,);

        fn fields(names: Option<&[&str]>, default: &str) -> Vec<Field> {
            vec![field::<Self>(name(names, 0, default), <Self as super::SqlType>::NULLABLE)]
        }

        #[inline]
        fn append_row(&self, builders: &mut Self::Builders) {
            self.append(&mut builders.0);
        }
    };
    ($a:lifetime) => {
        type Views = View<$a, Self>;

        fn read(columns: &mut Nodes<$a>) -> Result<Self::Views, String> {
            View::read(columns)
        }

        #[inline]
        fn get(views: &Self::Views, row: usize) -> Self {
            views.value(row)
        }
    };
}

impl<T: Fixed> Row for T {
    single_column!();
}

impl<'a, T: Fixed> RowArgument<'a> for T {
    single_column!('a);
}

macro_rules! single {
    ($([$($row:tt)*] [$($argument:tt)*] $type:ty;)*) => {$(
        impl<$($row)*> Row for $type {
            single_column!();
        }

        impl<'a, $($argument)*> RowArgument<'a> for $type {
            single_column!('a);
        }
    )*};
}

single! {
    [] [] bool;
    [] [] String;
    [] [] Vec<u8>;
    [T: Output] [T: Argument<'a>] Option<T>;
    [T: Output] [T: Argument<'a>] Vec<T>;
    [K: Output, V: Output] [K: Argument<'a> + Ord, V: Argument<'a>] BTreeMap<K, V>;
}

macro_rules! borrowed {
    ($($a:lifetime $type:ty;)*) => {$(
        impl<$a> Row for $type {
            single_column!();
        }

        impl<$a> RowArgument<$a> for $type {
            single_column!($a);
        }
    )*};
}

borrowed! {
    'a &'a str;
    'a &'a [u8];
    'a Cow<'a, str>;
}

macro_rules! tuples {
    ($(($($member:ident $index:tt),+))*) => {$(
        impl<$($member: Output),+> Row for ($($member,)+) {
            const COLUMNS: usize = [$($index),+].len();

            type Builders = ($($member::Builder,)+);

            fn fields(names: Option<&[&str]>, _: &str) -> Vec<Field> {
                vec![$(field::<$member>(name(names, $index, concat!("f", $index)), $member::NULLABLE)),+]
            }

            #[inline]
            fn append_row(&self, builders: &mut Self::Builders) {
                $(self.$index.append(&mut builders.$index);)+
            }
        }

        impl<'a, $($member: Argument<'a>),+> RowArgument<'a> for ($($member,)+) {
            type Views = ($(View<'a, $member>,)+);

            fn read(columns: &mut Nodes<'a>) -> Result<Self::Views, String> {
                Ok(($(View::<$member>::read(columns)?,)+))
            }

            #[inline]
            fn get(views: &Self::Views, row: usize) -> Self {
                ($(views.$index.value(row),)+)
            }
        }
    )*};
}

with_tuples!(tuples);
