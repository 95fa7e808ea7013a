//! What is not a value of its arguments: random numbers, type names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use datafusion::arrow::array::StringArray;
use datafusion::arrow::array::types::{Float64Type, Int32Type};
use datafusion::arrow::datatypes::DataType;

use super::function::{Call, Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use crate::error::Result;
use crate::types::sql_type;

/// SplitMix64: Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014.
struct Random(u64);

static CALLS: AtomicU64 = AtomicU64::new(0);

impl Random {
    /// Another sequence for every call, or that of a seed.
    fn new(seed: Option<i32>) -> Self {
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        match seed {
            Some(seed) => Random((seed as u64).wrapping_add(call << 32)),
            None => Random((super::time_arithmetic::now() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (call << 32)),
        }
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to less than 1.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn seed(call: &Call, index: usize) -> Result<Option<i32>> {
    if call.len() > index { Ok(call.int(index)?.get(0)) } else { Ok(None) }
}

const RAND: Definition = Definition::new(
    Family::System,
    "RAND",
    "RAND([seed])",
    "A random number from 0 to less than 1, for each row.",
    ("RAND() < 1", "TRUE"),
    Parameters::Of(&[Kind::Int], 0),
    returns!(DataType::Float64),
    |call| {
        let mut random = Random::new(seed(call, 0)?);
        call.primitives::<Float64Type>(|_| Some(random.fraction()))
    },
)
.volatile();

const RAND_INTEGER: Definition = Definition::new(
    Family::System,
    "RAND_INTEGER",
    "RAND_INTEGER([seed,] bound)",
    "A random integer from 0 to less than a bound, for each row.",
    ("RAND_INTEGER(1)", "0"),
    Parameters::Of(&[Kind::Int, Kind::Int], 1),
    returns!(DataType::Int32),
    |call| {
        let bounds = call.int(call.len() - 1)?;
        let mut random = Random::new(if call.len() > 1 { seed(call, 0)? } else { None });
        call.primitives::<Int32Type>(|row| {
            let bound = bounds.get(row).filter(|bound| *bound > 0)?;
            Some((random.next() % bound as u64) as i32)
        })
    },
)
.volatile();

const UUID: Definition = Definition::new(
    Family::System,
    "UUID",
    "UUID()",
    "A random UUID (version 4), for each row.",
    ("CHAR_LENGTH(UUID())", "36"),
    Parameters::Of(&[], 0),
    returns!(DataType::Utf8),
    |call| call.delegate(&datafusion::functions::string::uuid(), vec![]),
)
.volatile();

const TYPEOF: Definition = Definition::new(
    Family::System,
    "TYPEOF",
    "TYPEOF(value)",
    "The SQL type of a value.",
    ("TYPEOF(1.5)", "DECIMAL(2, 1) NOT NULL"),
    Parameters::Of(&[Kind::Any], 1),
    returns!(DataType::Utf8),
    |call| {
        let name = call.types().first().map(|data_type| sql_type(data_type)).unwrap_or_default();
        let nullable = call.arguments.arg_fields.first().is_none_or(|field| field.is_nullable());
        let name = if nullable { name } else { name + " NOT NULL" };
        Ok(Arc::new(StringArray::from(vec![name; call.rows])))
    },
);

pub const DEFINITIONS: &[&Definition] = &[&RAND, &RAND_INTEGER, &UUID, &TYPEOF];
