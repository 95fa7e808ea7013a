//! Random columns with NULLs and extremes.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListBuilder, PrimitiveBuilder, StringArray,
    StructArray, TimestampMillisecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields, Int64Type};

/// 0001-01-01 and the last millisecond of 9999, which SQL's timestamps lie between.
const MOMENTS: [i64; 2] = [-62_135_596_800_000, 253_402_300_799_999];
/// The largest number of 38 digits, halved: two of them have a sum.
const LARGEST_AMOUNT: i128 = (10_i128.pow(38) - 1) / 2;

const LONGS: [i64; 16] = [
    0,
    1,
    -1,
    i64::MIN,
    i64::MAX,
    i64::MIN + 1,
    i64::MAX - 1,
    i32::MIN as i64,
    i32::MAX as i64,
    1 << 31,
    1 << 32,
    // What doubles, and so JavaScript's numbers, do not tell apart.
    (1 << 53) - 1,
    1 << 53,
    (1 << 53) + 1,
    -(1 << 53) - 1,
    1 << 62,
];
const DOUBLES: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    -f64::MIN_POSITIVE,
    5e-324,
    f64::EPSILON,
    9_007_199_254_740_993.0,
    0.1,
];
const CHARACTERS: [char; 24] = [
    ' ',
    ' ',
    ' ',
    'a',
    'b',
    'Z',
    '0',
    '\0',
    '\n',
    '"',
    '\\',
    'é',
    'ß',
    'İ',
    '\u{301}',
    '\u{200d}',
    '日',
    '\u{d7ff}',
    '\u{e000}',
    // A byte order mark, which some decoders leave out.
    '\u{feff}',
    '\u{ffff}',
    '😀',
    '𐍈',
    '\u{10ffff}',
];

/// A source of rows.
pub struct Random(fastrand::Rng);

impl Random {
    /// Other rows for each function.
    pub fn new(seed: u64, function: &str) -> Self {
        Random(fastrand::Rng::with_seed(
            function.bytes().fold(seed, |seed, byte| seed.wrapping_mul(31) + u64::from(byte)),
        ))
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        self.0.u32(..limit)
    }

    /// Where batches begin, and how long they are: short ones, and such as the engine makes.
    pub fn batches(&mut self, rows: usize) -> Vec<(usize, usize)> {
        let mut batches = Vec::new();
        let mut start = 0;
        while start < rows {
            let length = match self.below(4) {
                0 => self.0.usize(1..20),
                1 => 8_192,
                _ => self.0.usize(1..16_384),
            };
            batches.push((start, length.min(rows - start)));
            start += length;
        }
        batches
    }

    fn column<T>(&mut self, rows: usize, mut value: impl FnMut(&mut Self) -> T) -> Vec<Option<T>> {
        (0..rows).map(|_| (self.below(8) != 0).then(|| value(self))).collect()
    }

    fn long(&mut self) -> i64 {
        match self.below(4) {
            0 => LONGS[self.0.usize(..LONGS.len())],
            _ => self.0.i64(..) >> self.below(64),
        }
    }

    fn double(&mut self) -> f64 {
        match self.below(4) {
            0 => DOUBLES[self.0.usize(..DOUBLES.len())],
            1 => f64::from_bits(self.0.u64(..)),
            _ => (self.0.f64() - 0.5) * 1e6,
        }
    }

    fn text(&mut self) -> String {
        let length = match self.below(1_000) {
            0 => self.0.usize(..20_000),
            1..100 => 0,
            _ => self.0.usize(..40),
        };
        // Some are of ASCII alone, which SDKs treat apart.
        let known = if self.below(2) == 0 { 11 } else { CHARACTERS.len() };
        let rare = known > 11;
        let mut character = || match self.below(8) {
            0 if rare => self.0.char(..),
            _ => CHARACTERS[self.0.usize(..known)],
        };
        (0..length).map(|_| character()).collect()
    }

    pub fn longs(&mut self, rows: usize) -> ArrayRef {
        Arc::new(Int64Array::from(self.column(rows, Self::long)))
    }

    pub fn doubles(&mut self, rows: usize) -> ArrayRef {
        Arc::new(Float64Array::from(self.column(rows, Self::double)))
    }

    pub fn texts(&mut self, rows: usize) -> ArrayRef {
        Arc::new(StringArray::from(self.column(rows, Self::text)))
    }

    pub fn booleans(&mut self, rows: usize) -> ArrayRef {
        Arc::new((0..rows).map(|_| [None, Some(false), Some(true)][self.0.usize(..3)]).collect::<BooleanArray>())
    }

    pub fn amounts(&mut self, rows: usize) -> ArrayRef {
        let amount = |random: &mut Self| match random.below(8) {
            0 => LARGEST_AMOUNT,
            1 => -LARGEST_AMOUNT,
            2 => 0,
            _ => random.0.i128(-LARGEST_AMOUNT..=LARGEST_AMOUNT) >> random.below(127),
        };
        let amounts = Decimal128Array::from(self.column(rows, amount));
        Arc::new(amounts.with_data_type(DataType::Decimal128(38, 4)))
    }

    /// Timestamps, and how many milliseconds it is from each to another.
    pub fn moments(&mut self, rows: usize) -> Vec<ArrayRef> {
        let [first, last] = MOMENTS;
        let mut moment = || match self.below(10) {
            0 => first,
            1 => last,
            2 => 0,
            // Where the leap days of 1900 and 2000, and the years that some libraries take for 19xx, are.
            3 => -2_203_977_600_000 + self.0.i64(0..172_800_000),
            4 => 951_782_400_000 + self.0.i64(0..172_800_000),
            5 => first + self.0.i64(0..3_155_760_000_000),
            _ => self.0.i64(first..=last),
        };
        let (from, to): (Vec<i64>, Vec<i64>) = (0..rows).map(|_| (moment(), moment())).unzip();
        let by = from.iter().zip(to).map(|(from, to)| to - from).collect::<Vec<_>>();
        let mut nullable = |values: Vec<i64>| -> Vec<Option<i64>> {
            values.into_iter().map(|value| (self.below(8) != 0).then_some(value)).collect()
        };
        vec![Arc::new(TimestampMillisecondArray::from(nullable(from))), Arc::new(Int64Array::from(nullable(by)))]
    }

    pub fn lists(&mut self, rows: usize) -> ArrayRef {
        let mut lists = ListBuilder::new(PrimitiveBuilder::<Int64Type>::new());
        for _ in 0..rows {
            let length = if self.below(10_000) == 0 { 5_000 } else { self.0.usize(..6) };
            let items = (self.below(8) != 0).then(|| self.column(length, Self::long));
            lists.append_option(items);
        }
        Arc::new(lists.finish())
    }

    pub fn places(&mut self, rows: usize) -> ArrayRef {
        let fields =
            Fields::from(vec![Field::new("x", DataType::Float64, false), Field::new("name", DataType::Utf8, true)]);
        let xs: Vec<f64> = (0..rows).map(|_| self.double()).collect();
        let columns = vec![Arc::new(Float64Array::from(xs)) as ArrayRef, self.texts(rows)];
        let valid: Vec<bool> = (0..rows).map(|_| self.below(8) != 0).collect();
        Arc::new(StructArray::new(fields, columns, Some(NullBuffer::from(valid))))
    }
}

/// Rows of columns, which begin in the midst of their buffers.
pub fn slice(columns: &[ArrayRef], start: usize, length: usize) -> Vec<ArrayRef> {
    columns.iter().map(|column| column.slice(start, length)).collect()
}
