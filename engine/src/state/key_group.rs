//! Key groups: the unit in which keyed state moves between subtasks.
//!
//! Version 1 of the hash: each value of a key is encoded as bytes (booleans one byte; integers, dates, times, timestamps
//! and decimals little-endian in their own width; floats as their bits, with -0.0 as 0.0 and every NaN as one;
//! UTF-8 and binary as they are; a nested value as Arrow's row format gives it), hashed with XXH3 (64 bit, seed 0), NULL
//! as 0; the hashes of the columns of a key are combined by `h * 31 + hash`. The key group is the upper half of that,
//! multiplied by the maximal parallelism, shifted down by 32 bits. Snapshots depend on it: a change is a new version.

use std::ops::Range;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, FixedSizeBinaryArray};
use datafusion::arrow::datatypes::*;
use datafusion::arrow::downcast_primitive_array;
use datafusion::arrow::row::{RowConverter, SortField};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};

/// `pipeline.max-parallelism` where it is not set: how many key groups there are.
pub const DEFAULT_MAX_PARALLELISM: usize = 128;

/// The key groups of one subtask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyGroupRange(pub Range<usize>);

impl KeyGroupRange {
    /// The range of subtask `index` of `parallelism`, as Flink cuts it.
    pub fn of(index: usize, parallelism: usize, max_parallelism: usize) -> Self {
        let start = (index * max_parallelism).div_ceil(parallelism);
        let end = ((index + 1) * max_parallelism).div_ceil(parallelism);
        KeyGroupRange(start..end)
    }

    pub fn contains(&self, key_group: usize) -> bool {
        self.0.contains(&key_group)
    }

    /// The subtask that has a key group.
    pub fn subtask_of(key_group: usize, parallelism: usize, max_parallelism: usize) -> usize {
        key_group * parallelism / max_parallelism
    }
}

/// The key group of each row of the key columns. No columns: one key, group 0.
pub fn key_groups(columns: &[ArrayRef], rows: usize, max_parallelism: usize) -> Result<Vec<u16>> {
    let mut hashes = vec![0u64; rows];
    for column in columns {
        if column.len() != rows {
            return Err(Error::bug(format!("a key column of {} rows in a batch of {rows}", column.len())));
        }
        combine(column, &mut hashes)?;
    }
    let groups = max_parallelism as u64;
    Ok(hashes.iter().map(|hash| (((hash >> 32) * groups) >> 32) as u16).collect())
}

fn combine(column: &ArrayRef, hashes: &mut [u64]) -> Result<()> {
    let nulls = column.logical_nulls();
    let mut each = |hash_of: &mut dyn FnMut(usize) -> u64| {
        for (row, hash) in hashes.iter_mut().enumerate() {
            let null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
            let value = if null { 0 } else { hash_of(row) };
            *hash = hash.wrapping_mul(31).wrapping_add(value);
        }
    };
    match column.data_type() {
        DataType::Null => each(&mut |_| 0),
        DataType::Boolean => {
            let values = column.as_boolean();
            each(&mut |row| xxh3_64(&[u8::from(values.value(row))]));
        }
        DataType::Float32 => {
            let values = column.as_primitive::<Float32Type>();
            each(&mut |row| {
                let value = values.value(row);
                let canonical = if value.is_nan() { f32::NAN } else { value + 0.0 };
                xxh3_64(&canonical.to_bits().to_le_bytes())
            });
        }
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>();
            each(&mut |row| {
                let value = values.value(row);
                let canonical = if value.is_nan() { f64::NAN } else { value + 0.0 };
                xxh3_64(&canonical.to_bits().to_le_bytes())
            });
        }
        DataType::Utf8 => {
            let values = column.as_string::<i32>();
            each(&mut |row| xxh3_64(values.value(row).as_bytes()));
        }
        DataType::Binary => {
            let values = column.as_binary::<i32>();
            each(&mut |row| xxh3_64(values.value(row)));
        }
        DataType::FixedSizeBinary(_) => {
            let values = column.as_any().downcast_ref::<FixedSizeBinaryArray>();
            let values = values.ok_or_else(|| Error::bug("a fixed-size binary column of another class"))?;
            each(&mut |row| xxh3_64(values.value(row)));
        }
        _ => {
            downcast_primitive_array!(
                column => each(&mut |row| xxh3_64(column.value(row).to_byte_slice())),
                other => {
                    let converter = RowConverter::new(vec![SortField::new(other.clone())])?;
                    let rows = converter.convert_columns(std::slice::from_ref(column))?;
                    each(&mut |row| xxh3_64(rows.row(row).as_ref()));
                }
            );
        }
    }
    Ok(())
}
