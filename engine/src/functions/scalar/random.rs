//! Random numbers. With a seed they are those of Java's `java.util.Random`, as in Flink.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::types::{Float64Type, Int32Type};
use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array, Int32Array};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::function::{Definition, Family};
use super::parameters::{Kind, Parameters};
use super::returns;
use crate::error::{Error, Result};

/// The linear congruential generator of 48 bits that `java.util.Random` is documented to be.
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    const MULTIPLIER: u64 = 0x5_deec_e66d;
    const MASK: u64 = (1 << 48) - 1;

    fn new(seed: i64) -> Self {
        Random((seed as u64 ^ Self::MULTIPLIER) & Self::MASK)
    }

    /// Another sequence for each batch.
    fn unseeded() -> Self {
        static BATCHES: AtomicU64 = AtomicU64::new(0);
        let batch = BATCHES.fetch_add(1, Ordering::Relaxed);
        // Mixed, since sequences of seeds that lie beside one another are alike: the end of SplitMix64 (Steele, Lea and
        // Flood, Fast splittable pseudorandom number generators, 2014).
        let seed = (super::time_arithmetic::now() as u64).wrapping_add(batch.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Random((mixed ^ (mixed >> 31)) & Self::MASK)
    }

    /// The next number of so many bits, at most 32.
    fn next(&mut self, bits: u32) -> i32 {
        self.0 = self.0.wrapping_mul(Self::MULTIPLIER).wrapping_add(11) & Self::MASK;
        (self.0 >> (48 - bits)) as i32
    }

    /// From 0 to less than 1: `nextDouble()`.
    fn fraction(&mut self) -> f64 {
        let (high, low) = (i64::from(self.next(26)), i64::from(self.next(27)));
        ((high << 27) + low) as f64 / (1u64 << 53) as f64
    }

    /// From 0 to less than a bound, which is positive: `nextInt(bound)`.
    fn below(&mut self, bound: i32) -> i32 {
        if bound.count_ones() == 1 {
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        loop {
            let number = self.next(31);
            let value = number % bound;
            // All values are as likely: the last numbers, too few for all of them, are left out.
            if number.checked_add(bound - 1 - value).is_some() {
                return value;
            }
        }
    }
}

const RAND: Definition = Definition::new(
    Family::System,
    "RAND",
    "RAND([seed])",
    "A random number from 0 to less than 1, for each row. With a seed, Java's numbers: where it is a literal, one after the \
     other; else the first of each row's.",
    ("RAND(1)", "0.7308781907032909"),
    Parameters::Of(&[Kind::Int], 0),
    returns!(DataType::Float64),
    |call| {
        if call.len() == 0 {
            let mut random = Random::unseeded();
            return call.primitives::<Float64Type>(|_| Some(random.fraction()));
        }
        let seeds = call.int(0)?;
        call.primitives::<Float64Type>(|row| seeds.get(row).map(|seed| Random::new(seed.into()).fraction()))
    },
)
.volatile();

const RAND_INTEGER: Definition = Definition::new(
    Family::System,
    "RAND_INTEGER",
    "RAND_INTEGER([seed,] bound)",
    "A random integer from 0 to less than a bound, for each row; the seed is as in RAND.",
    ("RAND_INTEGER(1, 10)", "5"),
    Parameters::Of(&[Kind::Int, Kind::Int], 1),
    returns!(DataType::Int32),
    |call| {
        if call.len() == 1 {
            let (mut random, bounds) = (Random::unseeded(), call.int(0)?);
            return integers((0..call.rows).map(|row| bounds.get(row)), |_, bound| Some(random.below(bound)));
        }
        let (seeds, bounds) = (call.int(0)?, call.int(1)?);
        integers((0..call.rows).map(|row| bounds.get(row)), |row, bound| {
            seeds.get(row).map(|seed| Random::new(seed.into()).below(bound))
        })
    },
)
.volatile();

/// An integer of each row, by its bound; NULL where that is.
///
/// # Errors
/// A user error for a bound that is not positive.
fn integers(
    bounds: impl Iterator<Item = Option<i32>>,
    mut integer: impl FnMut(usize, i32) -> Option<i32>,
) -> Result<ArrayRef> {
    let integers = bounds.enumerate().map(|(row, bound)| match bound {
        None => Ok(None),
        Some(bound) if bound > 0 => Ok(integer(row, bound)),
        Some(bound) => Err(Error::user(format!("the bound {bound} is not positive"))),
    });
    Ok(Arc::new(integers.collect::<Result<Int32Array>>()?))
}

pub const DEFINITIONS: &[&Definition] = &[&RAND, &RAND_INTEGER];

/// A function with a seed that is a literal, at its place in a query: it goes on where its last batch ended. `None` for
/// others.
pub fn with_sequence(function: &ScalarUDF, arguments: &[Expr]) -> Option<Arc<ScalarUDF>> {
    let (name, count) = match function.name() {
        "RAND" => ("RAND", 1),
        "RAND_INTEGER" => ("RAND_INTEGER", 2),
        _ => return None,
    };
    let Some(Expr::Literal(ScalarValue::Int32(Some(seed)), _)) = arguments.first() else { return None };
    if arguments.len() != count {
        return None;
    }
    static PLACES: AtomicU64 = AtomicU64::new(0);
    Some(Arc::new(ScalarUDF::new_from_impl(Sequence {
        name,
        place: PLACES.fetch_add(1, Ordering::Relaxed),
        random: Mutex::new(Random::new((*seed).into())),
        signature: Signature::any(count, Volatility::Volatile),
    })))
}

/// RAND or RAND_INTEGER with a literal seed.
#[derive(Debug)]
struct Sequence {
    name: &'static str,
    /// Tells those of one name apart.
    place: u64,
    random: Mutex<Random>,
    signature: Signature,
}

impl PartialEq for Sequence {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Sequence {}

impl Hash for Sequence {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place.hash(state);
    }
}

impl ScalarUDFImpl for Sequence {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> DataFusionResult<DataType> {
        Ok(if types.len() == 1 { DataType::Float64 } else { DataType::Int32 })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let rows = arguments.number_rows;
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let array: ArrayRef = match arguments.args.get(1) {
            None => Arc::new(Float64Array::from_iter_values((0..rows).map(|_| random.fraction()))),
            Some(bounds) => {
                let bounds = bounds.to_array(rows)?;
                integers(bounds.as_primitive::<Int32Type>().iter(), |_, bound| Some(random.below(bound)))
                    .map_err(|error| error.context("in RAND_INTEGER"))?
            }
        };
        Ok(ColumnarValue::Array(array))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Flink's RAND(7), RAND_INTEGER(7, 8) and RAND_INTEGER(7, 1000000000) give for the first rows.
    #[test]
    fn numbers_are_those_of_java() {
        let mut random = Random::new(7);
        let fractions = [random.fraction(), random.fraction(), random.fraction()];
        assert_eq!(fractions, [0.7306990420600421, 0.7491696031336331, 0.34830970303125697]);
        let of = |bound| {
            let mut random = Random::new(7);
            [random.below(bound), random.below(bound), random.below(bound)]
        };
        assert_eq!(of(8), [5, 5, 5]);
        assert_eq!(of(1_000_000_000), [569_164_236, 371_249_164, 608_829_485]);
        assert_eq!(Random::new(1).below(10), 5);
    }
}
