//! Rows, lists and maps to others of the same shape: value by value, the fields of rows by their places.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, MapArray, StructArray};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{DataType, FieldRef, Fields};

use super::cast_array;
use crate::error::{Error, Result};
use crate::types::sql_type;

/// Whether both are nested types of one kind.
pub fn is_nested(from: &DataType, to: &DataType) -> bool {
    use DataType::{List, Map, Struct};
    matches!((from, to), (List(_), List(_)) | (Map(..), Map(..)) | (Struct(_), Struct(_)))
}

/// # Errors
/// User errors: those of the casts inside, rows of another number of fields, NULLs where the type has none.
pub fn cast_nested(array: &ArrayRef, to: &DataType, is_try: bool, zone: &str) -> Result<ArrayRef> {
    let refused = |what: &dyn std::fmt::Display| {
        Error::user(format!("cannot cast {} to {}: {what}", sql_type(array.data_type()), sql_type(to)))
    };
    match to {
        DataType::Struct(fields) => {
            let columns = cast_fields(array.as_struct(), fields, is_try, zone)?;
            if fields.is_empty() {
                return Ok(Arc::new(StructArray::new_empty_fields(array.len(), array.nulls().cloned())));
            }
            let row = StructArray::try_new(fields.clone(), columns, array.nulls().cloned());
            Ok(Arc::new(row.map_err(|error| refused(&error))?))
        }
        DataType::List(item) => {
            let list = array.as_list::<i32>();
            let (offsets, start, length) = reachable(list.offsets());
            let items = cast_array(&list.values().slice(start, length), item.data_type(), is_try, zone)?;
            let list = ListArray::try_new(item.clone(), offsets, items, list.nulls().cloned());
            Ok(Arc::new(list.map_err(|error| refused(&error))?))
        }
        DataType::Map(entries, sorted) => {
            let DataType::Struct(fields) = entries.data_type() else { return Err(Error::bug("a map without entries")) };
            let map = array.as_map();
            let (offsets, start, length) = reachable(map.offsets());
            let columns = cast_fields(&map.entries().slice(start, length), fields, is_try, zone)?;
            let values = StructArray::try_new(fields.clone(), columns, None).map_err(|error| refused(&error))?;
            let map = MapArray::try_new(entries.clone(), offsets, values, map.nulls().cloned(), *sorted);
            Ok(Arc::new(map.map_err(|error| refused(&error))?))
        }
        other => Err(Error::bug(format!("{other} is no nested type"))),
    }
}

fn cast_fields(row: &StructArray, to: &Fields, is_try: bool, zone: &str) -> Result<Vec<ArrayRef>> {
    if row.num_columns() != to.len() {
        return Err(Error::user(format!("a ROW of {} fields is none of {}", row.num_columns(), to.len())));
    }
    let field = |(column, field): (&ArrayRef, &FieldRef)| {
        cast_array(&visible(column, row.nulls())?, field.data_type(), is_try, zone)
    };
    row.columns().iter().zip(to).map(field).collect()
}

/// A field's values, NULL where the row is: what stands below may be anything, and need not be castable.
fn visible(column: &ArrayRef, rows: Option<&NullBuffer>) -> Result<ArrayRef> {
    match rows.filter(|rows| rows.null_count() > 0) {
        None => Ok(column.clone()),
        Some(rows) => Ok(compute::nullif(column, &compute::not(&BooleanArray::new(rows.inner().clone(), None))?)?),
    }
}

/// The offsets counted from the first value that they reach, that value's place, and how many are reached.
fn reachable(offsets: &OffsetBuffer<i32>) -> (OffsetBuffer<i32>, usize, usize) {
    let (first, last) = (offsets.first().copied().unwrap_or(0), offsets.last().copied().unwrap_or(0));
    let moved = ScalarBuffer::from_iter(offsets.iter().map(|offset| offset - first));
    (OffsetBuffer::new(moved), first as usize, (last - first) as usize)
}
