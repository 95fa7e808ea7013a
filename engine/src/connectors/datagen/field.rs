//! The values of one column. A value is worked out from its column and row number alone, so a reader can begin anywhere.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, StringArray, Time32MillisecondArray, TimestampMillisecondArray, new_null_array,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options, kernels::zip::zip};
use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};

use crate::connectors::Options;
use crate::connectors::formats::text::parse_decimal;
use crate::error::{Error, Result};
use crate::suggest;
use crate::types::{Limit, SqlType, sql_type};

/// The longest text that is made.
const MAX_LENGTH: usize = 100_000_000;

#[derive(Debug, Clone)]
pub struct Generator {
    kind: DataType,
    values: Values,
    null_rate: f64,
    /// Tells columns apart.
    seed: u64,
}

#[derive(Debug, Clone)]
enum Values {
    Sequence {
        start: i64,
        end: i64,
    },
    Boolean,
    Whole {
        min: i64,
        max: i64,
    },
    Double {
        min: f64,
        max: f64,
    },
    /// Unscaled.
    Decimal {
        min: i128,
        max: i128,
    },
    Text {
        length: usize,
        varies: bool,
    },
    Bytes {
        length: usize,
        varies: bool,
    },
    /// Now, or up to so many milliseconds ago.
    Time {
        max_past: u64,
    },
}

/// Refuses options that a column of this type does not have.
fn check_options(kind: &DataType, sequence: bool, options: Options, option: impl Fn(&str) -> String) -> Result<()> {
    let own: &[&str] = match kind {
        _ if sequence => &["start", "end"],
        DataType::Utf8 | DataType::Binary => &["length", "var-len"],
        DataType::Date32 | DataType::Time32(_) | DataType::Timestamp(_, _) => &["max-past"],
        kind if kind.is_numeric() => &["min", "max"],
        _ => &[],
    };
    let other = ["min", "max", "length", "var-len", "start", "end", "max-past"]
        .into_iter()
        .find(|name| !own.contains(name) && options.get(&option(name)).is_some());
    let Some(other) = other else { return Ok(()) };
    let of = if sequence { "a sequence".to_owned() } else { format!("random values of {}", sql_type(kind)) };
    let own = [&["kind", "null-rate"], own].concat();
    let error = Error::user(format!("option '{}' is not for {of}", option(other)));
    Err(error.hint(format!("such a column has {}", suggest::list(&own))))
}

/// The length of random texts or bytes, and whether it is only the greatest: what options say, else what the declared type
/// does (`CHAR(3)`, `VARCHAR(3)`), else 100.
fn lengths(declared: &str, options: Options, option: impl Fn(&str) -> String + Copy) -> Result<(usize, bool)> {
    let length = options.positive(&option("length"))?;
    if let Some(length) = length.filter(|&length| length > MAX_LENGTH) {
        let message = format!("option '{}' = '{length}' must be at most {MAX_LENGTH}", option("length"));
        return Err(Error::user(message));
    }
    let varies = options.boolean(&option("var-len"), false)?;
    let limit = SqlType::parse(declared).ok().and_then(|declared| declared.limit);
    let said = ["length", "var-len"].map(option).into_iter().find(|option| options.get(option).is_some());
    let of_type = match (limit, said) {
        (Some(Limit::Length(_)), Some(said)) => {
            return Err(Error::user(format!("option '{said}': a {declared} has the length of its type")));
        }
        (Some(Limit::Length(of_type) | Limit::MaxLength(of_type)), _) => Some(of_type as usize),
        _ => None,
    };
    if let (Some(length), Some(of_type)) = (length, of_type)
        && length > of_type
    {
        return Err(Error::user(format!("option '{}' = '{length}' is longer than {declared}", option("length"))));
    }
    Ok((length.or(of_type).unwrap_or(100).min(MAX_LENGTH), varies))
}

impl Generator {
    /// `declared` is the column's type as its table declares it.
    pub fn new(field: &Field, declared: &str, number: usize, table: &str, options: Options) -> Result<Self> {
        let column = field.name();
        let option = |name: &str| format!("fields.{column}.{name}");
        let kind = field.data_type();
        let no_range =
            |min, max| Error::user(format!("column `{column}`: there is no {} from {min} to {max}", sql_type(kind)));
        // Of other types, the numbers of a sequence.
        let (least, most) = match kind {
            DataType::Int8 => (i8::MIN.into(), i8::MAX.into()),
            DataType::Int16 => (i16::MIN.into(), i16::MAX.into()),
            DataType::Int32 => (i32::MIN.into(), i32::MAX.into()),
            _ => (i64::MIN, i64::MAX),
        };
        let sequence = options.choice(&option("kind"), &["random", "sequence"], 0)? == 1;
        check_options(kind, sequence, options, option)?;
        let values = if sequence {
            if !matches!(
                kind,
                DataType::Int8
                    | DataType::Int16
                    | DataType::Int32
                    | DataType::Int64
                    | DataType::Float32
                    | DataType::Float64
                    | DataType::Decimal128(_, _)
                    | DataType::Utf8
            ) {
                return Err(Error::user(format!(
                    "column `{column}`: a sequence of {} cannot be generated",
                    sql_type(kind)
                )));
            }
            options.required(&option("start"))?;
            options.required(&option("end"))?;
            let (start, end) =
                (options.number(&option("start"))?.unwrap_or(0), options.number(&option("end"))?.unwrap_or(0));
            if end < start {
                return Err(Error::user(format!("column `{column}`: the sequence ends before it starts")));
            }
            if start < least || end > most {
                return Err(no_range(start.to_string(), end.to_string()));
            }
            Values::Sequence { start, end }
        } else {
            let whole = || -> Result<Values> {
                let min: i64 = options.number(&option("min"))?.unwrap_or(least);
                let max: i64 = options.number(&option("max"))?.unwrap_or(most);
                if min > max || min < least || max > most {
                    return Err(no_range(min.to_string(), max.to_string()));
                }
                Ok(Values::Whole { min, max })
            };
            match kind {
                DataType::Boolean => Values::Boolean,
                DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => whole()?,
                DataType::Float32 | DataType::Float64 => {
                    let most = if kind == &DataType::Float32 { f64::from(f32::MAX) } else { f64::MAX };
                    let min: f64 = options.number(&option("min"))?.unwrap_or(-most);
                    let max: f64 = options.number(&option("max"))?.unwrap_or(most);
                    // Not a number is in no range.
                    if !(-most <= min && min <= max && max <= most) {
                        return Err(no_range(min.to_string(), max.to_string()));
                    }
                    Values::Double { min, max }
                }
                DataType::Decimal128(precision, scale) => {
                    let most = 10i128.pow(u32::from(*precision).min(38)) - 1;
                    let bound = |name: &str, default: i128| match options.get(&option(name)) {
                        None => Ok(default),
                        Some(text) => match parse_decimal(text.as_bytes(), *precision, *scale) {
                            Ok(Some(value)) => Ok(value),
                            _ => Err(Error::user(format!(
                                "option '{}' = '{text}' is no {}",
                                option(name),
                                sql_type(kind)
                            ))),
                        },
                    };
                    let (min, max) = (bound("min", -most)?, bound("max", most)?);
                    if min > max {
                        return Err(Error::user(format!("column `{column}`: 'min' is more than 'max'")));
                    }
                    Values::Decimal { min, max }
                }
                DataType::Utf8 => {
                    let (length, varies) = lengths(declared, options, option)?;
                    Values::Text { length, varies }
                }
                DataType::Binary => {
                    let (length, varies) = lengths(declared, options, option)?;
                    Values::Bytes { length, varies }
                }
                DataType::Date32 | DataType::Time32(TimeUnit::Millisecond) | DataType::Timestamp(_, _) => {
                    let past = options.duration(&option("max-past"))?.unwrap_or_default();
                    Values::Time { max_past: u64::try_from(past.as_millis()).unwrap_or(u64::MAX) }
                }
                other => {
                    return Err(Error::user(format!(
                        "column `{column}`: values of {} cannot be generated",
                        sql_type(other)
                    ))
                    .hint("leave the column out, or compute it from others"));
                }
            }
        };
        let null_rate: f64 = options.number(&option("null-rate"))?.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&null_rate) {
            return Err(Error::user(format!("option '{}' must be between 0 and 1", option("null-rate"))));
        }
        if null_rate > 0.0 && !field.is_nullable() {
            return Err(Error::user(format!("option '{}': column `{column}` is NOT NULL", option("null-rate"))));
        }
        let seed = xxhash_rust::xxh3::xxh3_64(format!("{table}.{number}.{column}").as_bytes());
        Ok(Generator { kind: kind.clone(), values, null_rate, seed })
    }

    /// Rows after which a sequence has ended.
    pub fn rows(&self) -> Option<u64> {
        match self.values {
            Values::Sequence { start, end } => Some(end.abs_diff(start).saturating_add(1)),
            _ => None,
        }
    }

    /// The values of these rows.
    pub fn generate(&self, rows: &[u64]) -> Result<ArrayRef> {
        let random = |row: u64| mix(self.seed ^ mix(row));
        let array: ArrayRef = match &self.values {
            Values::Sequence { start, .. } => {
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|&row| start.wrapping_add(row as i64))))
            }
            Values::Boolean => Arc::new(BooleanArray::from_iter(rows.iter().map(|&row| Some(random(row) & 1 == 1)))),
            Values::Whole { min, max } => {
                let width = (i128::from(*max) - i128::from(*min) + 1) as u128;
                let value = |row| (i128::from(*min) + ((u128::from(random(row)) * width) >> 64) as i128) as i64;
                let values = rows.iter().map(|&row| value(row));
                match self.kind {
                    DataType::Int8 => Arc::new(Int8Array::from_iter_values(values.map(|value| value as i8))),
                    DataType::Int16 => Arc::new(Int16Array::from_iter_values(values.map(|value| value as i16))),
                    DataType::Int32 => Arc::new(Int32Array::from_iter_values(values.map(|value| value as i32))),
                    _ => Arc::new(Int64Array::from_iter_values(values)),
                }
            }
            Values::Double { min, max } => {
                // The width may be more than the largest number.
                let value = |at: f64| (min * (1.0 - at) + max * at).clamp(*min, *max);
                let values = rows.iter().map(|&row| value(unit(random(row))));
                match self.kind {
                    DataType::Float32 => Arc::new(Float32Array::from_iter_values(values.map(|value| value as f32))),
                    _ => Arc::new(Float64Array::from_iter_values(values)),
                }
            }
            Values::Decimal { min, max } => {
                let width = max.abs_diff(*min) + 1;
                let value = |row| {
                    let wide = u128::from(random(row)) << 64 | u128::from(mix(random(row)));
                    min.wrapping_add_unsigned(wide % width)
                };
                let values = Decimal128Array::from_iter_values(rows.iter().map(|&row| value(row)));
                Arc::new(values.with_data_type(self.kind.clone()))
            }
            Values::Text { length, varies } => {
                let texts = rows.iter().map(|&row| {
                    let bytes = bytes(random(row), *length, *varies);
                    bytes
                        .iter()
                        .map(|byte| char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'))
                        .collect::<String>()
                });
                Arc::new(StringArray::from_iter_values(texts))
            }
            Values::Bytes { length, varies } => {
                Arc::new(BinaryArray::from_iter_values(rows.iter().map(|&row| bytes(random(row), *length, *varies))))
            }
            Values::Time { max_past } => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
                let past = |row| ((u128::from(random(row)) * (u128::from(*max_past) + 1)) >> 64) as i64;
                let values = rows.iter().map(|&row| now - past(row));
                match self.kind {
                    DataType::Date32 => {
                        Arc::new(Date32Array::from_iter_values(values.map(|at| at.div_euclid(86_400_000) as i32)))
                    }
                    DataType::Time32(_) => Arc::new(Time32MillisecondArray::from_iter_values(
                        values.map(|at| at.rem_euclid(86_400_000) as i32),
                    )),
                    _ => Arc::new(TimestampMillisecondArray::from_iter_values(values)),
                }
            }
        };
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        let array = match array.data_type() == &self.kind {
            true => array,
            false => cast_with_options(&array, &self.kind, &strict)
                .map_err(|error| Error::user(format!("a value of datagen is no {}: {error}", sql_type(&self.kind))))?,
        };
        if self.null_rate == 0.0 {
            return Ok(array);
        }
        let given: BooleanArray = rows.iter().map(|&row| Some(unit(mix(random(row) ^ 1)) >= self.null_rate)).collect();
        Ok(zip(&given, &array, &new_null_array(&self.kind, rows.len()))?)
    }

    /// Bytes that a row takes in this column, at most, where that depends on options.
    pub fn width(&self) -> usize {
        match self.values {
            Values::Text { length, .. } | Values::Bytes { length, .. } => length,
            _ => 0,
        }
    }
}

/// SplitMix64's finaliser: each bit of the result depends on each bit of the number.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// At least 0, less than 1.
fn unit(random: u64) -> f64 {
    (random >> 11) as f64 / (1u64 << 53) as f64
}

fn bytes(random: u64, length: usize, varies: bool) -> Vec<u8> {
    let length = if varies { 1 + (random % length.max(1) as u64) as usize } else { length };
    let mut state = random;
    (0..length)
        .map(|place| {
            if place % 8 == 0 {
                state = mix(state);
            }
            (state >> (place % 8 * 8)) as u8
        })
        .collect()
}
