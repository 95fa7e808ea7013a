//! What types a built-in function takes, and to which they are cast.

use datafusion::arrow::datatypes::DataType;

/// A parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// STRING.
    Text,
    /// INT; TINYINT and SMALLINT become it.
    Int,
    /// BIGINT; smaller integers become it.
    Long,
    /// DOUBLE; all numbers become it.
    Double,
    /// A number, as it is.
    Number,
    Boolean,
    /// DATE, TIMESTAMP or TIMESTAMP_LTZ, as it is.
    Timestamp,
    /// The same or TIME.
    Temporal,
    /// The same or an interval.
    TemporalOrInterval,
    /// TIMESTAMP, TIMESTAMP_LTZ, or STRING.
    TimestampOrText,
    /// STRING or BYTES, as it is.
    TextOrBytes,
    /// A list.
    Array,
    /// A list or a map.
    Collection,
    /// As it is.
    Any,
}

/// The parameters of a function.
#[derive(Debug, Clone, Copy)]
pub enum Parameters {
    /// These, of which so many are required.
    Of(&'static [Kind], usize),
    /// These, then any number of the last.
    Rest(&'static [Kind]),
    /// All of one type, any type: the widest of them. At least so many.
    Alike(usize),
    /// By a rule of its own.
    Rule(fn(&[DataType]) -> Option<Vec<DataType>>),
}

impl Parameters {
    /// The types that the arguments are cast to; `None` where they are not taken.
    pub fn coerce(&self, types: &[DataType]) -> Option<Vec<DataType>> {
        match self {
            Parameters::Of(kinds, required) => {
                let fits = (*required..=kinds.len()).contains(&types.len());
                fits.then(|| types.iter().zip(*kinds).map(|(given, kind)| kind.accept(given)).collect())?
            }
            Parameters::Rest(kinds) => {
                let last = kinds.last()?;
                let kind = |index: usize| kinds.get(index).unwrap_or(last);
                let fits = types.len() >= kinds.len();
                fits.then(|| types.iter().enumerate().map(|(index, given)| kind(index).accept(given)).collect())?
            }
            Parameters::Alike(least) => {
                let widest = common(types)?;
                (types.len() >= *least).then(|| vec![widest; types.len()])
            }
            Parameters::Rule(rule) => rule(types),
        }
    }
}

impl Kind {
    fn accept(self, given: &DataType) -> Option<DataType> {
        use DataType::{
            Binary, Boolean, Date32, Duration, Float64, Int32, Int64, Interval, List, Map, Null, Time32, Timestamp,
            Utf8,
        };
        let given = match given {
            DataType::Utf8View | DataType::LargeUtf8 => &Utf8,
            DataType::BinaryView | DataType::LargeBinary => &Binary,
            other => other,
        };
        let integer = given.is_signed_integer();
        let number = integer || given.is_floating() || matches!(given, DataType::Decimal128(..));
        let taken = match (self, given) {
            (Kind::Any, given) => given.clone(),
            (Kind::Text | Kind::TimestampOrText | Kind::TextOrBytes, Utf8 | Null) => Utf8,
            (Kind::TextOrBytes, Binary) => Binary,
            (Kind::Int, Int32 | Null) => Int32,
            (Kind::Int, given) if integer && *given != Int64 => Int32,
            // Constants and counts that are BIGINT are taken too: the planner casts them.
            (Kind::Int, Int64) => Int32,
            (Kind::Long, given) if integer || *given == Null => Int64,
            (Kind::Double, given) if number || *given == Null => Float64,
            (Kind::Number, given) if number => given.clone(),
            (Kind::Number, Null) => Int32,
            (Kind::Boolean, Boolean | Null) => Boolean,
            (
                Kind::Timestamp | Kind::Temporal | Kind::TemporalOrInterval | Kind::TimestampOrText,
                Timestamp(..) | Date32,
            ) => given.clone(),
            (Kind::Timestamp | Kind::Temporal | Kind::TemporalOrInterval, Null) => {
                Timestamp(datafusion::arrow::datatypes::TimeUnit::Millisecond, None)
            }
            (Kind::Temporal | Kind::TemporalOrInterval, Time32(_)) => given.clone(),
            (Kind::Temporal | Kind::TemporalOrInterval, DataType::Time64(_)) => {
                Time32(datafusion::arrow::datatypes::TimeUnit::Millisecond)
            }
            (Kind::TemporalOrInterval, Interval(_) | Duration(_)) => given.clone(),
            (Kind::Array | Kind::Collection, List(_)) => given.clone(),
            (Kind::Collection, Map(..)) => given.clone(),
            _ => return None,
        };
        Some(taken)
    }
}

/// The type that holds all of them: of numbers the widest; otherwise all are the same, or NULL.
pub fn common(types: &[DataType]) -> Option<DataType> {
    types.iter().try_fold(DataType::Null, |all, one| common_of_two(&all, one))
}

fn common_of_two(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::{Decimal128, Float32, Float64, Null, Timestamp};
    let rank = |data_type: &DataType| data_type.primitive_width().unwrap_or(0);
    Some(match (left, right) {
        (left, right) if left == right => left.clone(),
        (Null, other) | (other, Null) => other.clone(),
        (left, right) if left.is_signed_integer() && right.is_signed_integer() => {
            if rank(left) >= rank(right) {
                left.clone()
            } else {
                right.clone()
            }
        }
        (Float64, other) | (other, Float64) if other.is_numeric() => Float64,
        (Float32, other) | (other, Float32) if other.is_numeric() => Float32,
        (left, right) if left.is_numeric() && right.is_numeric() => {
            let ((precision, scale), (other_precision, other_scale)) = (as_decimal(left)?, as_decimal(right)?);
            let all_scale = scale.max(other_scale);
            let whole = (precision as i8 - scale).max(other_precision as i8 - other_scale);
            let all_precision = (whole + all_scale).min(38);
            Decimal128(all_precision as u8, all_scale.min(all_precision))
        }
        (Timestamp(left, zone), Timestamp(right, other)) if zone == other => {
            Timestamp(if rank_of(*left) >= rank_of(*right) { *left } else { *right }, zone.clone())
        }
        _ => return None,
    })
}

fn rank_of(unit: datafusion::arrow::datatypes::TimeUnit) -> i64 {
    super::cast::ticks_per_second(unit)
}

/// Precision and scale of a decimal, or of one that holds any integer of the type.
pub fn as_decimal(data_type: &DataType) -> Option<(u8, i8)> {
    match data_type {
        DataType::Decimal128(precision, scale) => Some((*precision, *scale)),
        DataType::Int8 => Some((3, 0)),
        DataType::Int16 => Some((5, 0)),
        DataType::Int32 => Some((10, 0)),
        DataType::Int64 => Some((19, 0)),
        _ => None,
    }
}
