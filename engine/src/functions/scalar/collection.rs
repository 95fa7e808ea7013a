//! Arrays and maps. `a[i]` and `m['k']` are the planner's.

use std::sync::Arc;

use datafusion::arrow::array::types::Int32Type;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, ListBuilder, StringBuilder, UInt32Array,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::{cast, nullif, take};
use datafusion::arrow::datatypes::DataType;
use datafusion::functions_nested as nested;

use super::cast::TextWriter;
use super::function::{Arguments, Call, Definition, Family};
use super::parameters::{Kind, Parameters, common};
use super::returns;
use super::text::append;
use crate::error::{Error, Result};
use crate::types::list_of;

const COLLECTION: Family = Family::Collection;
const ARRAY: Parameters = Parameters::Of(&[Kind::Array], 1);

pub(super) fn item_type(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::List(item) => Some(item.data_type().clone()),
        _ => None,
    }
}

fn first_item(arguments: &Arguments) -> Option<DataType> {
    item_type(arguments.types.first()?)
}

/// An array and an item of its type.
pub(super) const ARRAY_AND_ITEM: Parameters = Parameters::Rule(|types| match types {
    [array, item] => {
        let wanted = item_type(array)?;
        (common(&[wanted.clone(), item.clone()])? == wanted).then(|| vec![array.clone(), wanted])
    }
    _ => None,
});

const CARDINALITY: Definition = Definition::new(
    COLLECTION,
    "CARDINALITY",
    "CARDINALITY(array or map)",
    "The number of items or entries.",
    ("CARDINALITY(ARRAY[1, 2])", "2"),
    Parameters::Of(&[Kind::Collection], 1),
    returns!(DataType::Int32),
    |call| {
        let array = call.array(0)?;
        let lengths: Vec<i32> = match array.data_type() {
            DataType::Map(..) => array.as_map().offsets().lengths().map(|length| length as i32).collect(),
            _ => array.as_list::<i32>().offsets().lengths().map(|length| length as i32).collect(),
        };
        Ok(Arc::new(Int32Array::new(lengths.into(), array.nulls().cloned())))
    },
);

/// One item per array: `place` gives its offset within an array of this length.
fn items(array: &ArrayRef, place: impl Fn(usize, usize) -> Option<usize>) -> Result<ArrayRef> {
    let list = array.as_list_opt::<i32>().ok_or_else(|| Error::bug(format!("{} is no array", array.data_type())))?;
    let offsets = list.value_offsets();
    let rows: UInt32Array = (0..list.len())
        .map(|row| {
            let (start, end) = (offsets[row] as usize, offsets[row + 1] as usize);
            let place = if list.is_null(row) { None } else { place(row, end - start) };
            place.filter(|place| *place < end - start).map(|place| (start + place) as u32)
        })
        .collect();
    Ok(take(list.values(), &rows, None)?)
}

const ELEMENT: Definition = Definition::new(
    COLLECTION,
    "ELEMENT",
    "ELEMENT(array)",
    "The only item of an array; NULL of an empty one. Arrays with more fail.",
    ("ELEMENT(ARRAY[1])", "1"),
    ARRAY,
    first_item,
    |call| {
        let array = call.array(0)?;
        let list = array.as_list::<i32>();
        if let Some(length) =
            (0..list.len()).filter(|&row| list.is_valid(row)).map(|row| list.value_length(row)).find(|it| *it > 1)
        {
            return Err(Error::user(format!("an array of {length} items, where only one may be")));
        }
        items(&array, |_, _| Some(0))
    },
);

const ARRAY_CONTAINS: Definition = Definition::new(
    COLLECTION,
    "ARRAY_CONTAINS",
    "ARRAY_CONTAINS(array, item)",
    "Whether an array has an item, which may be NULL.",
    ("ARRAY_CONTAINS(ARRAY[1, 2], 2)", "TRUE"),
    ARRAY_AND_ITEM,
    returns!(DataType::Boolean),
    |call| {
        let (array, item) = (call.array(0)?, call.array(1)?);
        let found = call.delegate(&nested::array_has::array_has_udf(), vec![array.clone(), item.clone()])?;
        let (list, found) = (array.as_list::<i32>(), found.as_boolean());
        let offsets = list.value_offsets();
        let has_null = |row: usize| (offsets[row]..offsets[row + 1]).any(|at| list.values().is_null(at as usize));
        call.booleans(|row| {
            let is_found = || found.is_valid(row) && found.value(row);
            list.is_valid(row).then(|| if item.is_valid(row) { is_found() } else { has_null(row) })
        })
    },
);

const ARRAY_POSITION: Definition = Definition::new(
    COLLECTION,
    "ARRAY_POSITION",
    "ARRAY_POSITION(array, item)",
    "The position, from 1, of an item in an array; 0 where it is not in it, NULL for the item NULL.",
    ("ARRAY_POSITION(ARRAY[1, 2], 2)", "2"),
    ARRAY_AND_ITEM,
    returns!(DataType::Int32),
    |call| {
        let (array, item) = (call.array(0)?, call.array(1)?);
        let found = call.delegate(&nested::position::array_position_udf(), vec![array.clone(), item.clone()])?;
        let found = found.as_primitive::<Int32Type>();
        call.primitives::<Int32Type>(|row| {
            (array.is_valid(row) && item.is_valid(row)).then(|| if found.is_valid(row) { found.value(row) } else { 0 })
        })
    },
);

/// An array of DataFusion's, with the result's item field.
fn delegated(call: &Call, function: &datafusion::logical_expr::ScalarUDF) -> Result<ArrayRef> {
    let columns = (0..call.len()).map(|index| call.array(index)).collect::<Result<Vec<_>>>()?;
    call.delegate(function, columns)
}

macro_rules! array {
    ($constant:ident, $name:literal, $doc:literal, $example:literal => $value:literal, $function:expr) => {
        const $constant: Definition = Definition::new(
            COLLECTION,
            $name,
            concat!($name, "(array)"),
            $doc,
            ($example, $value),
            ARRAY,
            |arguments| arguments.first(),
            |call| delegated(call, &$function),
        );
    };
}

array!(ARRAY_REVERSE, "ARRAY_REVERSE", "The items in reverse order.",
    "CAST(ARRAY_REVERSE(ARRAY[1, 2]) AS STRING)" => "[2, 1]", nested::reverse::array_reverse_udf());

const ARRAY_DISTINCT: Definition = Definition::new(
    COLLECTION,
    "ARRAY_DISTINCT",
    "ARRAY_DISTINCT(array)",
    "Each item once, at its first place.",
    ("CAST(ARRAY_DISTINCT(ARRAY[1, 2, 1]) AS STRING)", "[1, 2]"),
    ARRAY,
    |arguments| arguments.first(),
    |call| delegated(call, &nested::set_ops::array_distinct_udf()),
);

const ARRAY_MAX: Definition = Definition::new(
    COLLECTION,
    "ARRAY_MAX",
    "ARRAY_MAX(array)",
    "The greatest item; NULLs do not count.",
    ("ARRAY_MAX(ARRAY[1, 3, 2])", "3"),
    ARRAY,
    first_item,
    |call| delegated(call, &nested::min_max::array_max_udf()),
);

const ARRAY_MIN: Definition = Definition::new(
    COLLECTION,
    "ARRAY_MIN",
    "ARRAY_MIN(array)",
    "The least item; NULLs do not count.",
    ("ARRAY_MIN(ARRAY[2, 1, 3])", "1"),
    ARRAY,
    first_item,
    |call| delegated(call, &nested::min_max::array_min_udf()),
);

const ARRAY_CONCAT: Definition = Definition::new(
    COLLECTION,
    "ARRAY_CONCAT",
    "ARRAY_CONCAT(array, …)",
    "The items of all arrays; NULL if any of them is.",
    ("CAST(ARRAY_CONCAT(ARRAY[1], ARRAY[2]) AS STRING)", "[1, 2]"),
    Parameters::Rest(&[Kind::Array]),
    |arguments| arguments.first(),
    |call| {
        let all = delegated(call, &nested::concat::array_concat_udf())?;
        let mut valid = None;
        for index in 0..call.len() {
            valid = NullBuffer::union(valid.as_ref(), call.array(index)?.logical_nulls().as_ref());
        }
        match valid {
            Some(valid) => Ok(nullif(&all, &BooleanArray::new(!valid.inner(), None))?),
            None => Ok(all),
        }
    },
);

const ARRAY_JOIN: Definition = Definition::new(
    COLLECTION,
    "ARRAY_JOIN",
    "ARRAY_JOIN(array, separator [, instead of NULL])",
    "The items as one text, with a separator between them. NULLs are left out, unless a text is given for them.",
    ("ARRAY_JOIN(ARRAY['a', 'b'], '-')", "a-b"),
    Parameters::Of(&[Kind::Array, Kind::Text, Kind::Text], 2),
    returns!(DataType::Utf8),
    |call| {
        let array = call.array(0)?;
        let list = array.as_list::<i32>();
        let separators = call.text(1)?;
        let instead = if call.len() > 2 { Some(call.text(2)?) } else { None };
        let zone = call.zone()?;
        let writer = TextWriter::new(list.values().as_ref(), &zone)?;
        call.try_texts(|row, out| {
            let separator = if list.is_valid(row) { separators.get(row) } else { None };
            let Some(separator) = separator else { return Ok(None) };
            let mut between = "";
            for item in list.value_offsets()[row]..list.value_offsets()[row + 1] {
                let item = item as usize;
                if list.values().is_valid(item) {
                    append(between, out)?;
                    writer.write(item, out);
                } else if let Some(instead) = instead.as_ref().and_then(|instead| instead.get(row)) {
                    append(between, out)?;
                    append(instead, out)?;
                } else {
                    continue;
                }
                between = separator;
            }
            Ok(Some(()))
        })
    },
);

const SPLIT: Definition = Definition::new(
    COLLECTION,
    "SPLIT",
    "SPLIT(text, separator)",
    "The parts of a text between separators; its characters where the separator is empty.",
    ("CAST(SPLIT('a,b', ',') AS STRING)", "[a, b]"),
    Parameters::Of(&[Kind::Text, Kind::Text], 2),
    returns!(list_of(DataType::Utf8, true)),
    |call| {
        let (texts, separators) = (call.text(0)?, call.text(1)?);
        let mut lists = ListBuilder::new(StringBuilder::new());
        let mut buffer = [0; 4];
        for row in 0..call.rows {
            let (Some(text), Some(separator)) = (texts.get(row), separators.get(row)) else {
                lists.append(false);
                continue;
            };
            if separator.is_empty() {
                text.chars().for_each(|letter| lists.values().append_value(letter.encode_utf8(&mut buffer)));
            } else {
                text.split(separator).for_each(|part| lists.values().append_value(part));
            }
            lists.append(true);
        }
        Ok(cast(&(Arc::new(lists.finish()) as ArrayRef), call.result)?)
    },
);

const MAP_KEYS: Definition = Definition::new(
    COLLECTION,
    "MAP_KEYS",
    "MAP_KEYS(map)",
    "The keys of a map, as an array.",
    ("CAST(MAP_KEYS(MAP['a', 1]) AS STRING)", "[a]"),
    Parameters::Of(&[Kind::Collection], 1),
    |arguments| Some(list_of(entry_types(arguments.types.first()?)?.0, true)),
    |call| delegated(call, &nested::map_keys::map_keys_udf()),
);

const MAP_VALUES: Definition = Definition::new(
    COLLECTION,
    "MAP_VALUES",
    "MAP_VALUES(map)",
    "The values of a map, as an array.",
    ("CAST(MAP_VALUES(MAP['a', 1]) AS STRING)", "[1]"),
    Parameters::Of(&[Kind::Collection], 1),
    |arguments| Some(list_of(entry_types(arguments.types.first()?)?.1, true)),
    |call| delegated(call, &nested::map_values::map_values_udf()),
);

/// The types of a map's keys and values.
pub(super) fn entry_types(map: &DataType) -> Option<(DataType, DataType)> {
    match map {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                Some((fields[0].data_type().clone(), fields[1].data_type().clone()))
            }
            _ => None,
        },
        _ => None,
    }
}

pub const DEFINITIONS: &[&Definition] = &[
    &CARDINALITY,
    &ELEMENT,
    &ARRAY_CONTAINS,
    &ARRAY_POSITION,
    &ARRAY_REVERSE,
    &ARRAY_DISTINCT,
    &ARRAY_MAX,
    &ARRAY_MIN,
    &ARRAY_CONCAT,
    &ARRAY_JOIN,
    &SPLIT,
    &MAP_KEYS,
    &MAP_VALUES,
];
