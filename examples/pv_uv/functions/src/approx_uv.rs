//! Approximate distinct users: HyperLogLog with a sparse start.
//!
//! P. Flajolet et al., "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm" (2007); the
//! sparse form is that of S. Heule et al., "HyperLogLog in Practice" (2013); the estimator, which needs no correction at
//! either end, is that of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6.

use anabranch_udf::prelude::*;

/// Bits of a hash that choose a register. 2¹³ registers have a standard error of 1.04 / √2¹³ = 1.15 %.
const PRECISION: u32 = 13;
const REGISTERS: usize = 1 << PRECISION;

/// Bits of a hash that a sparse entry keeps whole, so that small counts are practically exact.
const SPARSE_PRECISION: u32 = 25;

/// A sparse entry is 4 bytes, a register is 1: beyond half of the registers' size, they are the better form.
const SPARSE_LIMIT: usize = REGISTERS / 8;

/// Bits of a hash behind those that choose a register: a register holds at most one more.
const REST: u32 = 64 - PRECISION;

/// A sketch of a set of texts.
#[derive(Clone, Debug, PartialEq)]
pub enum ApproxUv {
    /// The first 25 bits of each hash, and in the low 6 bits the place of the first one among the others; ascending.
    Sparse(Vec<u32>),
    /// For each value of the first 13 bits of a hash: the highest place of the first one among the others.
    Dense(Vec<u8>),
}

impl Default for ApproxUv {
    fn default() -> Self {
        Self::Sparse(Vec::new())
    }
}

/// Number of distinct texts, within some 2 %; below a thousand, practically exact.
#[aggregate(name = "approx_uv")]
impl ApproxUv {
    fn accumulate(&mut self, user: &str) {
        let hash = hash(user.as_bytes());
        match self {
            Self::Sparse(_) => self.insert(sparse_entry(hash)),
            Self::Dense(registers) => raise(registers, register(hash)),
        }
    }

    fn merge(&mut self, other: &Self) {
        match other {
            Self::Sparse(entries) => entries.iter().for_each(|entry| self.insert(*entry)),
            Self::Dense(others) => {
                let registers = self.densify();
                for (register, other) in registers.iter_mut().zip(others) {
                    *register = (*register).max(*other);
                }
            }
        }
    }

    fn evaluate(&self) -> i64 {
        match self {
            Self::Sparse(entries) => entries.len() as i64,
            Self::Dense(registers) => estimate(registers),
        }
    }
}

impl ApproxUv {
    /// Adds what a sparse entry knows of a hash.
    fn insert(&mut self, entry: u32) {
        match self {
            Self::Sparse(entries) => {
                // An entry with the same 25 bits is a neighbour; of two, the higher place stays.
                let place = entries.partition_point(|other| other >> 6 < entry >> 6);
                match entries.get_mut(place) {
                    Some(other) if *other >> 6 == entry >> 6 => *other = entry.max(*other),
                    _ => entries.insert(place, entry),
                }
                if entries.len() > SPARSE_LIMIT {
                    self.densify();
                }
            }
            Self::Dense(registers) => raise(registers, register_of_entry(entry)),
        }
    }

    /// The registers, which it holds from now on.
    fn densify(&mut self) -> &mut Vec<u8> {
        if let Self::Sparse(entries) = self {
            let mut registers = vec![0; REGISTERS];
            entries.iter().for_each(|entry| raise(&mut registers, register_of_entry(*entry)));
            *self = Self::Dense(registers);
        }
        match self {
            Self::Dense(registers) => registers,
            Self::Sparse(_) => unreachable!("it was made dense above"),
        }
    }
}

/// First byte of a saved sketch.
const SPARSE_FORMAT: u8 = 1;
const DENSE_FORMAT: u8 = 2;

impl State for ApproxUv {
    type Saved = Vec<u8>;
    const NAMES: &'static [&'static str] = &["sketch"];

    fn save(&self) -> Vec<u8> {
        match self {
            Self::Sparse(entries) => {
                let entries = entries.iter().flat_map(|entry| entry.to_le_bytes());
                std::iter::once(SPARSE_FORMAT).chain(entries).collect()
            }
            Self::Dense(registers) => [&[DENSE_FORMAT], registers.as_slice()].concat(),
        }
    }

    fn restore(saved: Vec<u8>) -> Result<Self, String> {
        let sketch = match saved.split_first() {
            Some((&SPARSE_FORMAT, entries)) => match entries.as_chunks() {
                (entries, []) => Self::Sparse(entries.iter().map(|entry| u32::from_le_bytes(*entry)).collect()),
                _ => return Err("a sparse sketch has 4 bytes for each entry".to_owned()),
            },
            Some((&DENSE_FORMAT, registers)) => Self::Dense(registers.to_vec()),
            _ => return Err("not a sketch of approx_uv".to_owned()),
        };
        let sound = match &sketch {
            Self::Sparse(entries) => {
                entries.len() <= SPARSE_LIMIT && entries.is_sorted_by(|one, next| one >> 6 < next >> 6)
            }
            Self::Dense(registers) => {
                registers.len() == REGISTERS && registers.iter().all(|register| u32::from(*register) <= REST + 1)
            }
        };
        if sound { Ok(sketch) } else { Err("a damaged sketch of approx_uv".to_owned()) }
    }
}

/// A 64-bit hash whose bits are all as good as each other: multiplications over 8 bytes at a time, and the final mix of
/// MurmurHash3.
fn hash(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| {
        let mixed = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 32)
    };
    let (words, rest) = bytes.as_chunks();
    let hash = words.iter().fold(bytes.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let rest = rest.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte));
    let hash = mix(hash, rest);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// Place, from 1, of the first one in `bits`, of which there are `count`; one more if there is none.
fn first_one(bits: u64, count: u32) -> u32 {
    match bits {
        0 => count + 1,
        bits => bits.leading_zeros() - (64 - count) + 1,
    }
}

/// The register of a hash, and what it is raised to.
fn register(hash: u64) -> (usize, u8) {
    let rest = hash & ((1 << REST) - 1);
    ((hash >> REST) as usize, first_one(rest, REST) as u8)
}

fn sparse_entry(hash: u64) -> u32 {
    let count = 64 - SPARSE_PRECISION;
    let rest = hash & ((1 << count) - 1);
    ((hash >> count) as u32) << 6 | first_one(rest, count)
}

/// As [`register`], from a sparse entry.
fn register_of_entry(entry: u32) -> (usize, u8) {
    let between = SPARSE_PRECISION - PRECISION;
    let prefix = u64::from(entry >> 6);
    let place = match prefix & ((1 << between) - 1) {
        0 => between + (entry & 63),
        bits => first_one(bits, between),
    };
    ((prefix >> between) as usize, place as u8)
}

fn raise(registers: &mut [u8], (index, place): (usize, u8)) {
    registers[index] = registers[index].max(place);
}

/// The number of distinct hashes that have left the registers so.
fn estimate(registers: &[u8]) -> i64 {
    let mut counts = [0.0; REST as usize + 2];
    registers.iter().for_each(|register| counts[usize::from(*register)] += 1.0);
    let all = REGISTERS as f64;
    let [zeros, middle @ .., full] = &counts;
    let mut sum = all * tau(1.0 - full / all);
    for count in middle.iter().rev() {
        sum = 0.5 * (sum + count);
    }
    sum += all * sigma(zeros / all);
    (all * all / (2.0 * std::f64::consts::LN_2 * sum)).round() as i64
}

/// σ of the paper: x + Σ x^(2^k) · 2^(k-1).
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut factor, mut sum) = (1.0, x);
    loop {
        x *= x;
        let next = sum + x * factor;
        if next == sum {
            return sum;
        }
        sum = next;
        factor += factor;
    }
}

/// τ of the paper: (1 - x - Σ (1 - x^(2^-k))² · 2^-k) / 3.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut factor, mut sum) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        factor *= 0.5;
        let next = sum - (1.0 - x) * (1.0 - x) * factor;
        if next == sum {
            return sum / 3.0;
        }
        sum = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(users: std::ops::Range<u64>) -> ApproxUv {
        let mut sketch = ApproxUv::default();
        users.for_each(|user| sketch.accumulate(&user.to_string()));
        sketch
    }

    #[test]
    fn counts_within_three_standard_errors() {
        for count in [0, 1, 100, 1_000, 1_100, 5_000, 20_000, 100_000, 1_000_000] {
            let (estimate, count) = (sketch(0..count).evaluate() as f64, count as f64);
            let allowed = if count <= 1_000.0 { 0.001 } else { 3.0 * 0.0115 };
            assert!((estimate - count).abs() <= allowed * count, "{estimate} for {count}");
        }
    }

    #[test]
    fn what_was_seen_twice_counts_once() {
        for count in [500, 50_000] {
            let once = sketch(0..count);
            let mut twice = once.clone();
            (0..count).for_each(|user| twice.accumulate(&user.to_string()));
            assert_eq!(once, twice);
        }
    }

    #[test]
    fn merged_is_counted_together() {
        for (left, right) in [(0..400, 300..900), (0..400, 200..9_000), (0..9_000, 8_900..9_300), (0..9_000, 1..30_000)]
        {
            let together = sketch(0..right.end);
            let mut merged = sketch(left.clone());
            merged.merge(&sketch(right.clone()));
            assert_eq!(merged, together, "{left:?} and {right:?}");
        }
    }

    #[test]
    fn a_state_comes_back() {
        for count in [0, 7, 1_024, 1_025, 40_000] {
            let sketch = sketch(0..count);
            assert_eq!(ApproxUv::restore(sketch.save()).as_ref(), Ok(&sketch));
        }
        let damaged = [
            vec![],
            vec![0],
            vec![1, 2],
            vec![1, 9, 0, 0, 0, 1, 0, 0, 0],
            vec![2, 0],
            [vec![2], vec![53; REGISTERS]].concat(),
        ];
        for saved in damaged {
            assert!(ApproxUv::restore(saved).is_err());
        }
    }
}
