//! Flink's type rules: the common type of several values, and which casts are implicit.

use datafusion::arrow::datatypes::{DataType, IntervalUnit, TimeUnit};

use crate::types;

/// The type to which values of both types widen without loss of meaning, as in CASE, UNION and comparisons.
pub fn common_type(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::*;
    if left == right {
        return Some(left.clone());
    }
    match (left, right) {
        (Null, other) | (other, Null) => Some(other.clone()),
        (left, right) if left.is_numeric() && right.is_numeric() => Some(common_numeric(left, right)),
        (Timestamp(left, left_zone), Timestamp(right, right_zone)) => {
            Some(Timestamp(finer(*left, *right), left_zone.clone().or(right_zone.clone())))
        }
        (Date32, Timestamp(unit, zone)) | (Timestamp(unit, zone), Date32) => Some(Timestamp(*unit, zone.clone())),
        (List(left), List(right)) => {
            let item = common_type(left.data_type(), right.data_type())?;
            Some(types::list_of(item, left.is_nullable() || right.is_nullable()))
        }
        (Struct(left), Struct(right)) if left.len() == right.len() => {
            let fields = left.iter().zip(right.iter()).map(|(left, right)| {
                let data_type = common_type(left.data_type(), right.data_type())?;
                Some(
                    left.as_ref()
                        .clone()
                        .with_data_type(data_type)
                        .with_nullable(left.is_nullable() || right.is_nullable()),
                )
            });
            Some(Struct(fields.collect::<Option<Vec<_>>>()?.into()))
        }
        (Map(left, _), Map(right, _)) => match (left.data_type(), right.data_type()) {
            (Struct(left), Struct(right)) if left.len() == 2 && right.len() == 2 => Some(types::map_of(
                common_type(left[0].data_type(), right[0].data_type())?,
                common_type(left[1].data_type(), right[1].data_type())?,
                left[1].is_nullable() || right[1].is_nullable(),
            )),
            _ => None,
        },
        _ => None,
    }
}

/// The type in which two values are compared. Beyond [`common_type`], a text is read as the time that it is compared with.
pub fn comparison_type(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::*;
    match (left, right) {
        (Utf8, other) | (other, Utf8) if readable(other) => Some(other.clone()),
        (Float32, Float64) | (Float64, Float32) => Some(Float64),
        _ => common_type(left, right),
    }
}

/// Whether a text is implicitly read as this type. Flink refuses to compare texts with numbers.
fn readable(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date32 | DataType::Time32(_) | DataType::Timestamp(_, _))
}

/// Whether a value goes into a column of another type without a CAST: as Flink's INSERT allows.
pub fn is_implicit(from: &DataType, to: &DataType) -> bool {
    use DataType::*;
    match (from, to) {
        (from, to) if from == to => true,
        (Null, _) => true,
        (from, to) if from.is_numeric() && to.is_numeric() => match (from, to) {
            (Decimal128(..), Decimal128(..)) => true,
            (Decimal128(..), to) => to.is_floating(),
            (Float64, to) => *to == Float64,
            (Float32, to) => to.is_floating(),
            (from, Decimal128(..) | Float32 | Float64) => from.is_integer(),
            (from, to) => width(from) <= width(to),
        },
        (Timestamp(..), Timestamp(..)) | (Date32, Timestamp(..)) | (Timestamp(..), Date32 | Time32(_)) => true,
        (List(from), List(to)) => is_implicit(from.data_type(), to.data_type()),
        (Struct(from), Struct(to)) => {
            from.len() == to.len()
                && from.iter().zip(to.iter()).all(|(from, to)| is_implicit(from.data_type(), to.data_type()))
        }
        (Map(from, _), Map(to, _)) => is_implicit(from.data_type(), to.data_type()),
        _ => false,
    }
}

/// Whether CAST and TRY_CAST know the way from one type to another, as Flink's do. Numbers are no times: 5 is no date.
pub fn is_castable(from: &DataType, to: &DataType) -> bool {
    use DataType::*;
    let number = |data_type: &DataType| data_type.is_numeric() || *data_type == Boolean;
    let time = |data_type: &DataType| matches!(data_type, Date32 | Time32(_) | Timestamp(..));
    match (from, to) {
        (from, to) if from == to => true,
        (Null, _) | (_, Utf8) => true,
        (Utf8, to) => number(to) || time(to) || *to == Binary,
        (Date32, Time32(_)) | (Time32(_), Date32) => false,
        (from, to) if number(from) && number(to) => true,
        (from, to) if time(from) && time(to) => true,
        (List(from), List(to)) => is_castable(from.data_type(), to.data_type()),
        (Struct(from), Struct(to)) => {
            from.len() == to.len()
                && from.iter().zip(to.iter()).all(|(from, to)| is_castable(from.data_type(), to.data_type()))
        }
        (Map(from, _), Map(to, _)) => is_castable(from.data_type(), to.data_type()),
        _ => false,
    }
}

fn width(data_type: &DataType) -> u8 {
    match data_type {
        DataType::Int8 => 1,
        DataType::Int16 => 2,
        DataType::Int32 => 4,
        _ => 8,
    }
}

fn common_numeric(left: &DataType, right: &DataType) -> DataType {
    use DataType::*;
    match (left, right) {
        // Of two floats it is the first, as in Flink.
        (Float32, Float64) => Float32,
        (Float64, _) | (_, Float64) => Float64,
        (Float32, Decimal128(..)) | (Decimal128(..), Float32) => Float64,
        (Float32, _) | (_, Float32) => Float32,
        (left, right) => match (as_decimal(left), as_decimal(right)) {
            _ if left.is_integer() && right.is_integer() => {
                if width(left) >= width(right) {
                    left.clone()
                } else {
                    right.clone()
                }
            }
            ((left_precision, left_scale), (right_precision, right_scale)) => {
                let scale = left_scale.max(right_scale);
                let whole = (left_precision - left_scale).max(right_precision - right_scale);
                decimal(whole + scale, scale)
            }
        },
    }
}

/// Precision and scale of a decimal, or of the decimal that an integer is.
pub fn as_decimal(data_type: &DataType) -> (i32, i32) {
    match data_type {
        DataType::Decimal128(precision, scale) => (i32::from(*precision), i32::from(*scale)),
        DataType::Int8 => (3, 0),
        DataType::Int16 => (5, 0),
        DataType::Int32 => (10, 0),
        DataType::Int64 => (19, 0),
        _ => (38, 18),
    }
}

/// A decimal, with digits behind the point given up where more than 38 would be needed, as Flink does.
pub fn decimal(precision: i32, scale: i32) -> DataType {
    if precision <= 38 {
        return DataType::Decimal128(precision.max(1) as u8, scale as i8);
    }
    let whole = precision - scale;
    let scale = (38 - whole).max(scale.min(6));
    DataType::Decimal128(38, scale as i8)
}

pub fn finer(left: TimeUnit, right: TimeUnit) -> TimeUnit {
    left.max(right)
}

pub fn is_month_interval(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Interval(IntervalUnit::YearMonth))
}

pub fn is_day_interval(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Duration(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DataType::*;

    #[test]
    fn numbers_widen_as_in_flink() {
        assert_eq!(common_type(&Int32, &Int64), Some(Int64));
        assert_eq!(common_type(&Int32, &Decimal128(4, 2)), Some(Decimal128(12, 2)));
        assert_eq!(common_type(&Float32, &Decimal128(4, 2)), Some(Float64));
        assert_eq!(common_type(&Float32, &Float64), Some(Float32));
        assert_eq!(common_type(&Float64, &Float32), Some(Float64));
        assert_eq!(comparison_type(&Float32, &Float64), Some(Float64));
        assert_eq!(common_type(&Decimal128(38, 0), &Decimal128(38, 18)), Some(Decimal128(38, 6)));
        assert_eq!(common_type(&Utf8, &Int32), None);
        assert_eq!(comparison_type(&Utf8, &Int32), None);
        assert_eq!(comparison_type(&Utf8, &Date32), Some(Date32));
    }

    #[test]
    fn numbers_are_no_times() {
        assert!(is_castable(&Boolean, &Int32) && is_castable(&Utf8, &Date32) && is_castable(&Date32, &Utf8));
        assert!(!is_castable(&Int32, &Date32) && !is_castable(&Date32, &Int64) && !is_castable(&Binary, &Int32));
        let (times, texts) = (types::list_of(Date32, true), types::list_of(Utf8, true));
        assert!(is_castable(&times, &texts) && !is_castable(&times, &types::list_of(Int32, true)));
    }

    #[test]
    fn narrowing_is_not_implicit() {
        assert!(is_implicit(&Int32, &Int64) && is_implicit(&Int32, &Float32) && !is_implicit(&Int64, &Int32));
        assert!(!is_implicit(&Utf8, &Int32) && !is_implicit(&Int32, &Utf8));
    }
}
