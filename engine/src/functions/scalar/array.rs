//! Arrays made of the items of others.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::interleave;
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::row::{RowConverter, Rows, SortField};

use super::collection::{ARRAY_AND_ITEM, item_type};
use super::function::{Arguments, Call, Definition, Family};
use super::parameters::{Kind, Parameters, common};
use crate::error::{Error, Result};
use crate::types::list_of;

/// An item: the argument that it is of, and its place among that argument's values.
type Item = (usize, usize);

/// The arguments of a call as columns of items.
struct Items {
    /// Of those taken apart their items; other arguments as they are.
    values: Vec<ArrayRef>,
    /// The arrays themselves.
    lists: Vec<Option<ListArray>>,
}

impl Items {
    /// The first `count` arguments, of which the first `arrays` are taken apart: an item may be an array, too, but stays
    /// in one piece.
    fn of(call: &Call, arrays: usize, count: usize) -> Result<Self> {
        let (mut values, mut lists) = (vec![], vec![]);
        for index in 0..count {
            let column = call.array(index)?;
            let list = column.as_list_opt::<i32>().filter(|_| index < arrays).cloned();
            values.push(list.as_ref().map_or(column, |list| list.values().clone()));
            lists.push(list);
        }
        Ok(Items { values, lists })
    }

    /// The items of a row of an array; `None`: the array is NULL.
    fn row(&self, argument: usize, row: usize) -> Option<Vec<Item>> {
        let list = self.lists[argument].as_ref().filter(|list| list.is_valid(row))?;
        let (start, end) = (list.value_offsets()[row] as usize, list.value_offsets()[row + 1] as usize);
        Some((start..end).map(|place| (argument, place)).collect())
    }

    /// Items as bytes that are equal, and in order, where the items are.
    fn comparable(&self) -> Result<Vec<Rows>> {
        let rows = self.values.iter().map(|values| {
            let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
            Ok(converter.convert_columns(std::slice::from_ref(values))?)
        });
        rows.collect()
    }

    /// A row for each row of the call: its items, or NULL.
    fn build(&self, call: &Call, items: impl FnMut(usize) -> Option<Vec<Item>>) -> Result<ArrayRef> {
        let rows: Vec<Option<Vec<Item>>> = (0..call.rows).map(items).collect();
        let lengths = rows.iter().map(|row| row.as_ref().map_or(0, Vec::len));
        let offsets = OffsetBuffer::from_lengths(lengths);
        let valid: NullBuffer = rows.iter().map(Option::is_some).collect();
        let places: Vec<Item> = rows.into_iter().flatten().flatten().collect();
        let sources: Vec<&dyn Array> = self.values.iter().map(AsRef::as_ref).collect();
        let DataType::List(item) = call.result else {
            return Err(Error::bug(format!("{} gives {}", call.name, call.result)));
        };
        let values = match places.is_empty() {
            true => datafusion::arrow::array::new_empty_array(item.data_type()),
            false => interleave(&sources, &places)?,
        };
        let nulls = Some(valid).filter(|valid| valid.null_count() > 0);
        Ok(Arc::new(ListArray::try_new(item.clone(), offsets, values, nulls)?))
    }
}

/// An array of the first argument's items that may hold NULL.
fn with_nulls(arguments: &Arguments) -> Option<DataType> {
    Some(list_of(item_type(arguments.types.first()?)?, true))
}

/// Arrays of one type, and nothing else.
const TWO_ARRAYS: Parameters = Parameters::Rule(|types| match types {
    [left, right] => {
        let item = common(&[item_type(left)?, item_type(right)?])?;
        Some(vec![list_of(item, true); 2])
    }
    _ => None,
});

const ARRAY_APPEND: Definition = Definition::new(
    Family::Collection,
    "ARRAY_APPEND",
    "ARRAY_APPEND(array, item)",
    "The array with an item at its end.",
    ("CAST(ARRAY_APPEND(ARRAY[1, 2], 3) AS STRING)", "[1, 2, 3]"),
    ARRAY_AND_ITEM,
    with_nulls,
    |call| {
        let items = Items::of(call, 1, 2)?;
        items.build(call, |row| {
            let mut all = items.row(0, row)?;
            all.push((1, row));
            Some(all)
        })
    },
);

const ARRAY_PREPEND: Definition = Definition::new(
    Family::Collection,
    "ARRAY_PREPEND",
    "ARRAY_PREPEND(array, item)",
    "The array with an item at its beginning.",
    ("CAST(ARRAY_PREPEND(ARRAY[1, 2], 0) AS STRING)", "[0, 1, 2]"),
    ARRAY_AND_ITEM,
    with_nulls,
    |call| {
        let items = Items::of(call, 1, 2)?;
        items.build(call, |row| {
            let mut all = items.row(0, row)?;
            all.insert(0, (1, row));
            Some(all)
        })
    },
);

const ARRAY_REMOVE: Definition = Definition::new(
    Family::Collection,
    "ARRAY_REMOVE",
    "ARRAY_REMOVE(array, item)",
    "The array without the items that equal one; NULL equals NULL.",
    ("CAST(ARRAY_REMOVE(ARRAY[1, 2, 1], 1) AS STRING)", "[2]"),
    ARRAY_AND_ITEM,
    |arguments| arguments.first(),
    |call| {
        let items = Items::of(call, 1, 2)?;
        let rows = items.comparable()?;
        items.build(call, |row| {
            let mut all = items.row(0, row)?;
            all.retain(|&(argument, place)| rows[argument].row(place) != rows[1].row(row));
            Some(all)
        })
    },
);

/// Every item of `all` once, where `keep` says so.
fn distinct(all: Vec<Item>, rows: &[Rows], mut keep: impl FnMut(Item) -> bool) -> Vec<Item> {
    let mut seen = HashSet::new();
    all.into_iter().filter(|&item| keep(item) && seen.insert(rows[item.0].row(item.1))).collect()
}

const ARRAY_UNION: Definition = Definition::new(
    Family::Collection,
    "ARRAY_UNION",
    "ARRAY_UNION(array, array)",
    "The items of two arrays, each once.",
    ("CAST(ARRAY_UNION(ARRAY[1, 2, 2], ARRAY[3, 2]) AS STRING)", "[1, 2, 3]"),
    TWO_ARRAYS,
    with_nulls,
    |call| {
        let items = Items::of(call, 2, 2)?;
        let rows = items.comparable()?;
        items.build(call, |row| {
            let both = [items.row(0, row)?, items.row(1, row)?].concat();
            Some(distinct(both, &rows, |_| true))
        })
    },
);

/// The items of the first array, each once, that are in the second or that are not.
fn compare(call: &Call, wanted: bool) -> Result<ArrayRef> {
    let items = Items::of(call, 2, 2)?;
    let rows = items.comparable()?;
    items.build(call, |row| {
        let (left, right) = (items.row(0, row)?, items.row(1, row)?);
        let right: HashSet<_> = right.into_iter().map(|(argument, place)| rows[argument].row(place)).collect();
        Some(distinct(left, &rows, |(argument, place)| right.contains(&rows[argument].row(place)) == wanted))
    })
}

const ARRAY_INTERSECT: Definition = Definition::new(
    Family::Collection,
    "ARRAY_INTERSECT",
    "ARRAY_INTERSECT(array, array)",
    "The items that are in both arrays, each once.",
    ("CAST(ARRAY_INTERSECT(ARRAY[1, 1, 2, 3], ARRAY[1, 3]) AS STRING)", "[1, 3]"),
    TWO_ARRAYS,
    with_nulls,
    |call| compare(call, true),
);

const ARRAY_EXCEPT: Definition = Definition::new(
    Family::Collection,
    "ARRAY_EXCEPT",
    "ARRAY_EXCEPT(array, array)",
    "The items of the first array that are not in the second, each once.",
    ("CAST(ARRAY_EXCEPT(ARRAY[1, 2, 1], ARRAY[2]) AS STRING)", "[1]"),
    TWO_ARRAYS,
    with_nulls,
    |call| compare(call, false),
);

const ARRAY_SLICE: Definition = Definition::new(
    Family::Collection,
    "ARRAY_SLICE",
    "ARRAY_SLICE(array, start [, end])",
    "The items from one position to another, both counted from 1, or from the end where they are negative.",
    ("CAST(ARRAY_SLICE(ARRAY[1, 2, 3, 4, 5], 2, -2) AS STRING)", "[2, 3, 4]"),
    Parameters::Of(&[Kind::Array, Kind::Int, Kind::Int], 2),
    |arguments| arguments.first(),
    |call| {
        let items = Items::of(call, 1, 1)?;
        let starts = call.int(1)?;
        let ends = if call.len() > 2 { Some(call.int(2)?) } else { None };
        items.build(call, |row| {
            let all = items.row(0, row)?;
            let length = all.len() as i64;
            let position = |position: i32| match i64::from(position) {
                negative if negative < 0 => length + negative + 1,
                position => position,
            };
            // What lies before the first item is taken for its position.
            let start = position(starts.get(row)?).max(1);
            let end = match &ends {
                Some(ends) => position(ends.get(row)?).max(1).min(length),
                None => length,
            };
            let (start, end) = (usize::try_from(start - 1).ok()?, usize::try_from(end).ok()?);
            Some(all.get(start..end).map(<[Item]>::to_vec).unwrap_or_default())
        })
    },
);

const ARRAY_SORT: Definition = Definition::new(
    Family::Collection,
    "ARRAY_SORT",
    "ARRAY_SORT(array [, ascending [, NULLs first]])",
    "The items in order; NULLs come first in ascending order, else last, unless it is said.",
    ("CAST(ARRAY_SORT(ARRAY[3, 1, 2], FALSE) AS STRING)", "[3, 2, 1]"),
    Parameters::Of(&[Kind::Array, Kind::Boolean, Kind::Boolean], 1),
    |arguments| arguments.first(),
    |call| {
        let items = Items::of(call, 1, 1)?;
        let rows = items.comparable()?;
        let flag = |index: usize| -> Result<_> {
            if call.len() <= index { Ok(None) } else { Ok(Some(call.array(index)?.as_boolean().clone())) }
        };
        let (ascending, nulls_first) = (flag(1)?, flag(2)?);
        items.build(call, |row| {
            let value = |flags: &Option<datafusion::arrow::array::BooleanArray>, default: bool| match flags {
                Some(flags) => flags.is_valid(row).then(|| flags.value(row)),
                None => Some(default),
            };
            let ascending = value(&ascending, true)?;
            let nulls_first = value(&nulls_first, ascending)?;
            let (mut present, mut nulls): (Vec<Item>, Vec<Item>) =
                items.row(0, row)?.into_iter().partition(|&(argument, place)| items.values[argument].is_valid(place));
            present.sort_by_key(|&(argument, place)| rows[argument].row(place));
            if !ascending {
                present.reverse();
            }
            Some(if nulls_first {
                nulls.append(&mut present);
                nulls
            } else {
                present.append(&mut nulls);
                present
            })
        })
    },
);

pub const DEFINITIONS: &[&Definition] = &[
    &ARRAY_APPEND,
    &ARRAY_PREPEND,
    &ARRAY_REMOVE,
    &ARRAY_UNION,
    &ARRAY_INTERSECT,
    &ARRAY_EXCEPT,
    &ARRAY_SLICE,
    &ARRAY_SORT,
];
