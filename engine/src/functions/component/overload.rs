//! Which overload a call means: the exact match, else the only one that implicit casts reach.

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};

use super::ComponentFunction;
use crate::error::{Error, Result};
use crate::types::{self, sql_type};

/// The overload that takes arguments of these types: its number in the package, and its parameters.
///
/// # Errors
/// A user error that lists the candidates where none or several take them.
pub fn resolve<'a>(function: &'a ComponentFunction, arguments: &[DataType]) -> Result<(usize, &'a [Field])> {
    let takes = |accepts: fn(&DataType, &DataType) -> bool| {
        function
            .overloads()
            .filter(|(_, signature)| {
                let parameters = signature.parameters.iter();
                parameters.len() == arguments.len()
                    && parameters.zip(arguments).all(|(parameter, argument)| accepts(argument, parameter.data_type()))
            })
            .map(|(index, signature)| (index, signature.parameters.as_slice()))
            .collect::<Vec<_>>()
    };
    let exact = takes(same);
    if let Some(first) = exact.first() {
        return Ok(*first);
    }
    let reachable = takes(reaches);
    let types = arguments.iter().map(sql_type).collect::<Vec<_>>().join(", ");
    let refuse = |what: &str| {
        Error::user(format!("{what} function '{}' takes arguments of type ({types})", function.name()))
            .hint(format!("its overloads are {}", function.signatures().join(", ")))
    };
    match reachable.as_slice() {
        [only] => Ok(*only),
        [] => Err(refuse("no overload of")),
        _ => Err(refuse("more than one overload of")),
    }
}

/// The type that an argument is cast to for a parameter: NULLs inside are let through, so that the host can say of which
/// row an argument holds one where the function takes none.
pub fn argument_type(parameter: &DataType) -> DataType {
    match parameter {
        DataType::List(item) => types::list_of(argument_type(item.data_type()), true),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                types::map_of(argument_type(fields[0].data_type()), argument_type(fields[1].data_type()), true)
            }
            _ => parameter.clone(),
        },
        DataType::Struct(fields) => {
            let field = |field: &FieldRef| Field::new(field.name(), argument_type(field.data_type()), true);
            DataType::Struct(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

/// The same type, whatever the names and nullability of the fields inside.
pub fn same(from: &DataType, to: &DataType) -> bool {
    use DataType::*;
    match (from, to) {
        (Utf8 | LargeUtf8 | Utf8View, Utf8) | (Binary | LargeBinary | BinaryView, Binary) => true,
        (List(from), List(to)) => same(from.data_type(), to.data_type()),
        (Map(from, _), Map(to, _)) => same(from.data_type(), to.data_type()),
        (Struct(from), Struct(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| same(from.data_type(), to.data_type()))
        }
        _ => from == to,
    }
}

fn reaches(from: &DataType, to: &DataType) -> bool {
    same(from, to) || is_implicit(from, to)
}

/// Flink's implicit casts (`LogicalTypeCasts`) that keep the value: numbers to wider ones, a timestamp to another
/// precision, a date to a timestamp, NULL to anything; and those of what is inside of rows, lists and maps. Between
/// timestamps with and without local time zone the session's zone decides, so that takes a CAST.
fn is_implicit(from: &DataType, to: &DataType) -> bool {
    use DataType::*;
    match (from, to) {
        (Null, _) => true,
        (Decimal128(precision, scale), Decimal128(to_precision, to_scale)) => {
            scale <= to_scale
                && i16::from(*precision) - i16::from(*scale) <= i16::from(*to_precision) - i16::from(*to_scale)
        }
        (from, Decimal128(precision, scale)) => {
            digits(from).is_some_and(|digits| digits <= i16::from(*precision) - i16::from(*scale))
        }
        (Timestamp(from, None), Timestamp(to, None)) => finer(*from) <= finer(*to),
        (Timestamp(from, Some(_)), Timestamp(to, Some(_))) => finer(*from) <= finer(*to),
        (Date32, Timestamp(_, None)) => true,
        (List(from), List(to)) => reaches(from.data_type(), to.data_type()),
        (Map(from, _), Map(to, _)) => reaches(from.data_type(), to.data_type()),
        (Struct(from), Struct(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| reaches(from.data_type(), to.data_type()))
        }
        (from, to) => matches!((rank(from), rank(to)), (Some(from), Some(to)) if from < to),
    }
}

/// Numbers by width; a cast may go up.
fn rank(data_type: &DataType) -> Option<u8> {
    use DataType::*;
    Some(match data_type {
        Int8 => 0,
        Int16 => 1,
        Int32 => 2,
        Int64 => 3,
        Decimal128(..) => 4,
        Float32 => 5,
        Float64 => 6,
        _ => return None,
    })
}

/// Decimal digits of the widest value of an integer type.
fn digits(data_type: &DataType) -> Option<i16> {
    Some(match data_type {
        DataType::Int8 => 3,
        DataType::Int16 => 5,
        DataType::Int32 => 10,
        DataType::Int64 => 19,
        _ => return None,
    })
}

fn finer(unit: TimeUnit) -> u8 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn implicit_casts_keep_the_value() {
        use DataType::*;
        let yes = [
            (Null, Utf8),
            (Int32, Int64),
            (Int32, Float64),
            (Int32, Decimal128(10, 0)),
            (Decimal128(10, 2), Decimal128(12, 4)),
            (Decimal128(10, 2), Float64),
            (Timestamp(TimeUnit::Millisecond, None), Timestamp(TimeUnit::Microsecond, None)),
            (types::list_of(Int32, true), types::list_of(Int64, false)),
            (types::map_of(Utf8, Int32, true), types::map_of(Utf8, Float64, true)),
        ];
        let no = [
            (Int64, Int32),
            (Utf8, Int32),
            (Int32, Utf8),
            (Int64, Decimal128(10, 0)),
            (Decimal128(10, 2), Decimal128(10, 4)),
            (types::list_of(Int64, true), types::list_of(Int32, true)),
            (Timestamp(TimeUnit::Millisecond, None), Timestamp(TimeUnit::Millisecond, Some("UTC".into()))),
        ];
        for (from, to) in yes {
            assert!(is_implicit(&from, &to), "{from} to {to}");
        }
        for (from, to) in no {
            assert!(!is_implicit(&from, &to), "{from} to {to}");
        }
    }
}
