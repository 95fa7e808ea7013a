//! Maps made of arrays, texts and other maps.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, MapBuilder, MapFieldNames, StringBuilder, StructArray,
    new_empty_array,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::compute::{cast, interleave};
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::row::{RowConverter, SortField};

use super::collection::{entry_types, item_type};
use super::function::{Call, Definition, Family};
use super::matcher::{Matcher, Patterns};
use super::parameters::{Kind, Parameters, common};
use super::returns;
use crate::error::{Error, Result};
use crate::types::map_of;

/// A key and its value: the column that each is of, and their place in it.
type Entry = (usize, usize);

/// Maps of these entries, of which the last with a key counts; `None` is a NULL.
fn build(call: &Call, keys: &[ArrayRef], values: &[ArrayRef], rows: Vec<Option<Vec<Entry>>>) -> Result<ArrayRef> {
    let comparable = keys.iter().map(|keys| {
        let converter = RowConverter::new(vec![SortField::new(keys.data_type().clone())])?;
        Ok(converter.convert_columns(std::slice::from_ref(keys))?)
    });
    let comparable = comparable.collect::<Result<Vec<_>>>()?;
    let valid: NullBuffer = rows.iter().map(Option::is_some).collect();
    let (mut lengths, mut of_keys, mut of_values) = (vec![], vec![], vec![]);
    for entries in rows {
        let mut places = HashMap::new();
        let begin = of_keys.len();
        for entry in entries.unwrap_or_default() {
            let place = *places.entry(comparable[entry.0].row(entry.1)).or_insert(of_keys.len());
            if place == of_keys.len() {
                of_keys.push(entry);
                of_values.push(entry);
            }
            of_values[place] = entry;
        }
        lengths.push(of_keys.len() - begin);
    }
    let column = |columns: &[ArrayRef], places: &[Entry]| -> Result<ArrayRef> {
        let sources: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
        match (places, columns) {
            ([], [first, ..]) => Ok(new_empty_array(first.data_type())),
            _ => Ok(interleave(&sources, places)?),
        }
    };
    let keys = column(keys, &of_keys)?;
    if keys.null_count() > 0 {
        return Err(Error::user("a map cannot have NULL as a key"));
    }
    let DataType::Map(field, sorted) = call.result else {
        return Err(Error::bug(format!("{} gives {}", call.name, call.result)));
    };
    let DataType::Struct(fields) = field.data_type() else {
        return Err(Error::bug("a map whose entries are no rows"));
    };
    let entries = StructArray::try_new(fields.clone(), vec![keys, column(values, &of_values)?], None)?;
    let nulls = Some(valid).filter(|valid| valid.null_count() > 0);
    Ok(Arc::new(MapArray::try_new(field.clone(), OffsetBuffer::from_lengths(lengths), entries, nulls, *sorted)?))
}

const MAP: Definition = Definition::new(
    Family::Collection,
    "MAP",
    "MAP[key, value, …]",
    "A map of keys and values in turn; of equal keys the last counts.",
    ("CAST(MAP['a', 1, 'b', 2] AS STRING)", "{a=1, b=2}"),
    Parameters::Rule(|types| {
        let every_second = |first: usize| -> Vec<DataType> { types.iter().skip(first).step_by(2).cloned().collect() };
        let (key, value) = (common(&every_second(0))?, common(&every_second(1))?);
        let pair = [key, value];
        types.len().is_multiple_of(2).then(|| (0..types.len()).map(|index| pair[index % 2].clone()).collect())
    }),
    |arguments| match arguments.types {
        [key, value, ..] => Some(map_of(key.clone(), value.clone(), true)),
        _ => None,
    },
    |call| {
        let columns = (0..call.len()).map(|index| call.array(index)).collect::<Result<Vec<_>>>()?;
        let every_second = |first: usize| -> Vec<ArrayRef> { columns.iter().skip(first).step_by(2).cloned().collect() };
        let (keys, values) = (every_second(0), every_second(1));
        let entries = |row: usize| Some((0..keys.len()).map(|pair| (pair, row)).collect());
        build(call, &keys, &values, (0..call.rows).map(entries).collect())
    },
);

const MAP_ENTRIES: Definition = Definition::new(
    Family::Collection,
    "MAP_ENTRIES",
    "MAP_ENTRIES(map)",
    "The entries of a map, as an array of rows of a key and a value.",
    ("CAST(MAP_ENTRIES(MAP['a', 1]) AS STRING)", "[(a, 1)]"),
    Parameters::Of(&[Kind::Collection], 1),
    |arguments| match arguments.types.first()? {
        DataType::Map(entries, _) => {
            Some(DataType::List(Arc::new(Field::new("item", entries.data_type().clone(), false))))
        }
        _ => None,
    },
    |call| {
        let array = call.array(0)?;
        let map = array.as_map();
        let DataType::List(item) = call.result else { return Err(Error::bug("MAP_ENTRIES gives no array")) };
        let entries: ArrayRef = Arc::new(map.entries().clone());
        Ok(Arc::new(ListArray::try_new(item.clone(), map.offsets().clone(), entries, map.nulls().cloned())?))
    },
);

const MAP_FROM_ARRAYS: Definition = Definition::new(
    Family::Collection,
    "MAP_FROM_ARRAYS",
    "MAP_FROM_ARRAYS(keys, values)",
    "A map of keys and values, which are as many; of equal keys the last counts.",
    ("CAST(MAP_FROM_ARRAYS(ARRAY['a', 'b'], ARRAY[1, 2]) AS STRING)", "{a=1, b=2}"),
    Parameters::Of(&[Kind::Array, Kind::Array], 2),
    |arguments| match arguments.types {
        [keys, values] => Some(map_of(item_type(keys)?, item_type(values)?, true)),
        _ => None,
    },
    |call| {
        let (keys, values) = (call.array(0)?, call.array(1)?);
        let (keys, values) = (keys.as_list::<i32>(), values.as_list::<i32>());
        let mut rows = Vec::with_capacity(call.rows);
        let (mut all_keys, mut all_values): (Vec<ArrayRef>, Vec<ArrayRef>) = (vec![], vec![]);
        for row in 0..call.rows {
            if keys.is_null(row) || values.is_null(row) {
                rows.push(None);
                continue;
            }
            let (keys, values) = (keys.value(row), values.value(row));
            if keys.len() != values.len() {
                return Err(Error::user(format!("{} keys for {} values", keys.len(), values.len())));
            }
            rows.push(Some((0..keys.len()).map(|place| (all_keys.len(), place)).collect()));
            all_keys.push(keys);
            all_values.push(values);
        }
        if all_keys.is_empty() {
            all_keys.push(keys.values().slice(0, 0));
            all_values.push(values.values().slice(0, 0));
        }
        build(call, &all_keys, &all_values, rows)
    },
);

const MAP_UNION: Definition = Definition::new(
    Family::Collection,
    "MAP_UNION",
    "MAP_UNION(map, …)",
    "The entries of all maps; of equal keys the one of the last map counts.",
    ("CAST(MAP_UNION(MAP['a', 1], MAP['a', 2]) AS STRING)", "{a=2}"),
    Parameters::Rule(|types| {
        let (keys, values): (Vec<_>, Vec<_>) =
            types.iter().map(entry_types).collect::<Option<Vec<_>>>()?.into_iter().unzip();
        let all = map_of(common(&keys)?, common(&values)?, true);
        (!types.is_empty()).then(|| vec![all; types.len()])
    }),
    |arguments| arguments.first(),
    |call| {
        let maps = (0..call.len()).map(|index| call.array(index)).collect::<Result<Vec<_>>>()?;
        let maps: Vec<&MapArray> = maps.iter().map(|map| map.as_map()).collect();
        let entries = |row: usize| -> Option<Vec<Entry>> {
            let mut all = vec![];
            for (number, map) in maps.iter().enumerate() {
                let valid = map.is_valid(row).then(|| map.value_offsets());
                let offsets = valid?;
                all.extend((offsets[row]..offsets[row + 1]).map(|place| (number, place as usize)));
            }
            Some(all)
        };
        let keys: Vec<ArrayRef> = maps.iter().map(|map| map.keys().clone()).collect();
        let values: Vec<ArrayRef> = maps.iter().map(|map| map.values().clone()).collect();
        build(call, &keys, &values, (0..call.rows).map(entries).collect())
    },
);

/// The parts of a text between matches, so many at most; as in Java, an empty match at the begin separates nothing.
fn split<'a>(text: &'a str, separator: &Matcher, most: Option<usize>) -> Result<Vec<&'a str>> {
    let (mut parts, mut last) = (vec![], 0);
    separator.each(text, 0, |found, _| {
        let full = most.is_some_and(|most| parts.len() + 1 >= most);
        if !full && found.end > 0 {
            parts.push(&text[last..found.start]);
            last = found.end;
        }
        Ok(())
    })?;
    parts.push(&text[last..]);
    Ok(parts)
}

const STR_TO_MAP: Definition = Definition::new(
    Family::Collection,
    "STR_TO_MAP",
    "STR_TO_MAP(text [, between entries, between key and value])",
    "The map that a text writes out. Entries are separated by a comma, keys and values by `=`, or by the regular \
     expressions given; of equal keys the last counts.",
    ("CAST(STR_TO_MAP('a=1,b=2') AS STRING)", "{a=1, b=2}"),
    Parameters::Rule(|types| {
        let parameters = Parameters::Of(&[Kind::Text, Kind::Text, Kind::Text], 1);
        if types.len() == 2 { None } else { parameters.coerce(types) }
    }),
    returns!(map_of(DataType::Utf8, DataType::Utf8, true)),
    |call| {
        let texts = call.text(0)?;
        let separators = if call.len() > 1 { Some((call.text(1)?, call.text(2)?)) } else { None };
        let (mut entry_patterns, mut value_patterns) = (Patterns::default(), Patterns::default());
        let names = MapFieldNames { entry: "entries".into(), key: "key".into(), value: "value".into() };
        let mut maps = MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new());
        for row in 0..call.rows {
            let between = match &separators {
                None => Some((",", "=")),
                Some((entries, values)) => entries.get(row).zip(values.get(row)),
            };
            let (Some(text), Some((between_entries, between_parts))) = (texts.get(row), between) else {
                maps.append(false)?;
                continue;
            };
            let mut entries: Vec<(&str, Option<&str>)> = vec![];
            let parts = split(text, entry_patterns.require(between_entries)?, None)?;
            // As in Java, empty parts at the end are none.
            let used = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |last| last + 1);
            for part in &parts[..used] {
                let mut pair = split(part, value_patterns.require(between_parts)?, Some(2))?.into_iter();
                let key = pair.next().unwrap_or_default();
                let value = pair.next();
                match entries.iter_mut().find(|(known, _)| *known == key) {
                    Some(entry) => entry.1 = value,
                    None => entries.push((key, value)),
                }
            }
            for (key, value) in entries {
                maps.keys().append_value(key);
                maps.values().append_option(value);
            }
            maps.append(true)?;
        }
        Ok(cast(&(Arc::new(maps.finish()) as ArrayRef), call.result)?)
    },
);

pub const DEFINITIONS: &[&Definition] = &[&MAP, &MAP_ENTRIES, &MAP_FROM_ARRAYS, &MAP_UNION, &STR_TO_MAP];
