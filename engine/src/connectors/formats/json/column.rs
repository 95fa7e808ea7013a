//! A column being filled, one value at a time, and its way to an Arrow array without another copy.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, BooleanBufferBuilder, Date32Array, Decimal128Array, DurationMillisecondArray,
    Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, IntervalYearMonthArray, ListArray,
    MapArray, NullArray, StringArray, StructArray, Time32MillisecondArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use datafusion::arrow::datatypes::{DataType, Field, Fields, IntervalUnit, TimeUnit};

use super::decode::Members;
use crate::error::{Error, Result};

/// A column being filled.
#[derive(Debug)]
pub struct Column {
    pub kind: DataType,
    /// Declared NOT NULL.
    pub required: bool,
    pub values: Values,
    pub validity: Validity,
}

/// Which rows are not NULL. Costs nothing until the first NULL.
#[derive(Debug, Default)]
pub struct Validity {
    length: usize,
    bits: Option<BooleanBufferBuilder>,
}

#[derive(Debug)]
pub enum Values {
    Null,
    Boolean(BooleanBufferBuilder),
    /// All types that are whole numbers inside, cast at the end.
    Whole(Vec<i64>, Whole),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Decimal(Vec<i128>, u8, i8),
    /// Offsets and bytes: text.
    Text(Vec<i32>, Vec<u8>),
    Binary(Vec<i32>, Vec<u8>),
    List(Vec<i32>, Box<Column>),
    /// Offsets, keys, values.
    Map(Vec<i32>, Box<Column>, Box<Column>),
    Row(Box<Members>),
}

/// What a whole number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// TINYINT and SMALLINT, which read no fractions, by their smallest and largest value.
    Small(i64, i64),
    /// INT and INTERVAL YEAR TO MONTH.
    Int,
    /// BIGINT and INTERVAL DAY TO SECOND.
    Big,
    Date,
    Time,
    Timestamp(TimeUnit),
    /// With the session's zone, as `…Z`.
    Instant(TimeUnit),
}

impl Validity {
    #[inline(always)]
    fn append(&mut self, valid: bool) {
        self.length += 1;
        if let Some(bits) = &mut self.bits {
            bits.append(valid);
        } else if !valid {
            let mut bits = BooleanBufferBuilder::new(1024.max(self.length));
            bits.append_n(self.length - 1, true);
            bits.append(false);
            self.bits = Some(bits);
        }
    }

    fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
        if let Some(bits) = &mut self.bits {
            bits.truncate(length);
        }
    }

    fn finish(&mut self) -> Option<NullBuffer> {
        self.length = 0;
        self.bits.take().map(|mut bits| NullBuffer::new(bits.finish()))
    }
}

impl Column {
    /// A column of this type can be read.
    pub fn takes(kind: &DataType) -> bool {
        match kind {
            DataType::Null
            | DataType::Boolean
            | DataType::Float32
            | DataType::Float64
            | DataType::Decimal128(_, _)
            | DataType::Utf8
            | DataType::Binary
            | DataType::List(_)
            | DataType::Map(_, _)
            | DataType::Struct(_) => true,
            other => whole(other).is_some(),
        }
    }

    /// # Errors
    /// A bug for types that [`Column::takes`] does not take.
    pub fn new(field: &Field) -> Result<Self> {
        let values = match field.data_type() {
            DataType::Null => Values::Null,
            DataType::Boolean => Values::Boolean(BooleanBufferBuilder::new(0)),
            DataType::Float32 => Values::Float(vec![]),
            DataType::Float64 => Values::Double(vec![]),
            DataType::Decimal128(precision, scale) => Values::Decimal(vec![], *precision, *scale),
            DataType::Utf8 => Values::Text(vec![0], vec![]),
            DataType::Binary => Values::Binary(vec![0], vec![]),
            DataType::List(item) => Values::List(vec![0], Box::new(Column::new(item)?)),
            DataType::Map(entries, _) => match entries.data_type() {
                DataType::Struct(fields) if fields.len() == 2 => {
                    Values::Map(vec![0], Box::new(Column::new(&fields[0])?), Box::new(Column::new(&fields[1])?))
                }
                other => return Err(Error::bug(format!("a map of {other}"))),
            },
            DataType::Struct(fields) => Values::Row(Box::new(Members::new(fields)?)),
            other => match whole(other) {
                Some(whole) => Values::Whole(vec![], whole),
                None => return Err(Error::bug(format!("JSON of type {other}"))),
            },
        };
        let required = !field.is_nullable();
        Ok(Column { kind: field.data_type().clone(), required, values, validity: Validity::default() })
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.validity.length
    }

    /// Counts the value that was just added to `values`.
    #[inline(always)]
    pub fn added(&mut self) {
        self.validity.append(true);
    }

    pub fn append_null(&mut self) {
        let Column { values, validity, .. } = self;
        validity.append(false);
        match values {
            Values::Null => {}
            Values::Boolean(values) => values.append(false),
            Values::Whole(values, _) => values.push(0),
            Values::Float(values) => values.push(0.0),
            Values::Double(values) => values.push(0.0),
            Values::Decimal(values, _, _) => values.push(0),
            Values::Text(offsets, bytes) | Values::Binary(offsets, bytes) => offsets.push(bytes.len() as i32),
            Values::List(offsets, item) => offsets.push(item.len() as i32),
            Values::Map(offsets, keys, _) => offsets.push(keys.len() as i32),
            Values::Row(members) => members.append_null(),
        }
    }

    /// Drops all values from number `length` on, half-added ones included.
    pub fn truncate(&mut self, length: usize) {
        self.validity.truncate(length);
        match &mut self.values {
            Values::Null => {}
            Values::Boolean(values) => values.truncate(length),
            Values::Whole(values, _) => values.truncate(length),
            Values::Float(values) => values.truncate(length),
            Values::Double(values) => values.truncate(length),
            Values::Decimal(values, _, _) => values.truncate(length),
            Values::Text(offsets, bytes) | Values::Binary(offsets, bytes) => {
                bytes.truncate(cut(offsets, length));
            }
            Values::List(offsets, item) => item.truncate(cut(offsets, length)),
            Values::Map(offsets, keys, values) => {
                let kept = cut(offsets, length);
                keys.truncate(kept);
                values.truncate(kept);
            }
            Values::Row(members) => members.truncate(length),
        }
    }

    /// The array of all values; the column is empty afterwards.
    pub fn finish(&mut self) -> Result<ArrayRef> {
        let length = self.len();
        let nulls = self.validity.finish();
        Ok(match &mut self.values {
            Values::Null => Arc::new(NullArray::new(length)),
            Values::Boolean(values) => Arc::new(BooleanArray::new(values.finish(), nulls)),
            Values::Whole(values, _) => whole_array(&self.kind, std::mem::take(values), nulls)?,
            Values::Float(values) => Arc::new(Float32Array::new(std::mem::take(values).into(), nulls)),
            Values::Double(values) => Arc::new(Float64Array::new(std::mem::take(values).into(), nulls)),
            Values::Decimal(values, precision, scale) => Arc::new(
                Decimal128Array::new(std::mem::take(values).into(), nulls)
                    .with_precision_and_scale(*precision, *scale)?,
            ),
            Values::Text(offsets, bytes) => {
                Arc::new(StringArray::try_new(take_offsets(offsets), take_bytes(bytes).into(), nulls)?)
            }
            Values::Binary(offsets, bytes) => {
                Arc::new(BinaryArray::try_new(take_offsets(offsets), take_bytes(bytes).into(), nulls)?)
            }
            Values::List(offsets, item) => {
                let DataType::List(field) = &self.kind else { return Err(Error::bug("a list column of another type")) };
                Arc::new(ListArray::try_new(field.clone(), take_offsets(offsets), item.finish()?, nulls)?)
            }
            Values::Map(offsets, keys, values) => {
                let DataType::Map(field, sorted) = &self.kind else {
                    return Err(Error::bug("a map column of another type"));
                };
                let DataType::Struct(fields) = field.data_type() else {
                    return Err(Error::bug("a map without entries"));
                };
                let entries = StructArray::try_new(fields.clone(), vec![keys.finish()?, values.finish()?], None)?;
                Arc::new(MapArray::try_new(field.clone(), take_offsets(offsets), entries, nulls, *sorted)?)
            }
            Values::Row(members) => {
                let DataType::Struct(fields) = &self.kind else {
                    return Err(Error::bug("a row column of another type"));
                };
                let arrays = members.finish()?;
                if arrays.is_empty() {
                    Arc::new(StructArray::new_empty_fields(length, nulls))
                } else {
                    Arc::new(StructArray::try_new(nullable(fields), arrays, nulls)?)
                }
            }
        })
    }
}

fn nullable(fields: &Fields) -> Fields {
    fields.iter().cloned().collect()
}

/// What kind of whole number the type is inside, if any.
fn whole(kind: &DataType) -> Option<Whole> {
    Some(match kind {
        DataType::Int8 => Whole::Small(i8::MIN.into(), i8::MAX.into()),
        DataType::Int16 => Whole::Small(i16::MIN.into(), i16::MAX.into()),
        DataType::Int32 | DataType::Interval(IntervalUnit::YearMonth) => Whole::Int,
        DataType::Int64 | DataType::Duration(TimeUnit::Millisecond) => Whole::Big,
        DataType::Date32 => Whole::Date,
        DataType::Time32(TimeUnit::Millisecond) => Whole::Time,
        DataType::Timestamp(unit, None) => Whole::Timestamp(*unit),
        DataType::Timestamp(unit, Some(_)) => Whole::Instant(*unit),
        _ => return None,
    })
}

fn whole_array(kind: &DataType, values: Vec<i64>, nulls: Option<NullBuffer>) -> Result<ArrayRef> {
    let int = |values: &[i64]| values.iter().map(|&value| value as i32).collect::<ScalarBuffer<i32>>();
    Ok(match kind {
        DataType::Int8 => Arc::new(Int8Array::new(values.iter().map(|&value| value as i8).collect(), nulls)),
        DataType::Int16 => Arc::new(Int16Array::new(values.iter().map(|&value| value as i16).collect(), nulls)),
        DataType::Int32 => Arc::new(Int32Array::new(int(&values), nulls)),
        DataType::Interval(IntervalUnit::YearMonth) => Arc::new(IntervalYearMonthArray::new(int(&values), nulls)),
        DataType::Int64 => Arc::new(Int64Array::new(values.into(), nulls)),
        DataType::Duration(TimeUnit::Millisecond) => Arc::new(DurationMillisecondArray::new(values.into(), nulls)),
        DataType::Date32 => Arc::new(Date32Array::new(int(&values), nulls)),
        DataType::Time32(TimeUnit::Millisecond) => Arc::new(Time32MillisecondArray::new(int(&values), nulls)),
        DataType::Timestamp(unit, zone) => {
            let (values, zone) = (values.into(), zone.clone());
            match unit {
                TimeUnit::Second => Arc::new(TimestampSecondArray::new(values, nulls).with_timezone_opt(zone)),
                TimeUnit::Millisecond => {
                    Arc::new(TimestampMillisecondArray::new(values, nulls).with_timezone_opt(zone))
                }
                TimeUnit::Microsecond => {
                    Arc::new(TimestampMicrosecondArray::new(values, nulls).with_timezone_opt(zone))
                }
                TimeUnit::Nanosecond => Arc::new(TimestampNanosecondArray::new(values, nulls).with_timezone_opt(zone)),
            }
        }
        other => return Err(Error::bug(format!("whole numbers as {other}"))),
    })
}

/// Cuts offsets to `length` values and gives where the last ends.
fn cut(offsets: &mut Vec<i32>, length: usize) -> usize {
    offsets.truncate(length + 1);
    offsets.last().map_or(0, |&last| last as usize)
}

/// Hands over the offsets and begins anew with room for as many.
fn take_offsets(offsets: &mut Vec<i32>) -> OffsetBuffer<i32> {
    let mut fresh = Vec::with_capacity(offsets.len());
    fresh.push(0);
    OffsetBuffer::new(std::mem::replace(offsets, fresh).into())
}

fn take_bytes(bytes: &mut Vec<u8>) -> Vec<u8> {
    let fresh = Vec::with_capacity(bytes.len());
    std::mem::replace(bytes, fresh)
}
