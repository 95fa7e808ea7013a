//! Arrow types as the contract writes them: nodes in pre-order, with formats of the Arrow C Data Interface.

use std::sync::Arc;

use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Field, Fields, IntervalUnit, TimeUnit};

use super::description::FieldNode;

/// Types nest no deeper than this.
const MAX_DEPTH: usize = 32;
/// Nodes of one field.
const MAX_NODES: usize = 4096;
/// Bytes of one field's name.
const MAX_NAME: usize = 1024;

/// The nodes of `field`, or which type it holds that does not cross the boundary.
pub(crate) fn to_nodes(field: &Field) -> Result<Vec<FieldNode>, String> {
    let mut nodes = Vec::with_capacity(1);
    push_nodes(field, &mut nodes, 0)?;
    Ok(nodes)
}

fn push_nodes(field: &Field, nodes: &mut Vec<FieldNode>, depth: usize) -> Result<(), String> {
    if depth >= MAX_DEPTH {
        return Err(format!("type nests deeper than {MAX_DEPTH} levels"));
    }
    let (format, children): (String, Vec<&Field>) = match field.data_type() {
        DataType::List(item) => ("+l".into(), vec![item.as_ref()]),
        DataType::Map(entries, _) => ("+m".into(), vec![entries.as_ref()]),
        DataType::Struct(fields) => ("+s".into(), fields.iter().map(AsRef::as_ref).collect()),
        other => (leaf_format(other)?, Vec::new()),
    };
    nodes.push(FieldNode {
        name: field.name().clone(),
        format,
        nullable: field.is_nullable(),
        children: children.len() as u32,
    });
    for child in children {
        push_nodes(child, nodes, depth + 1)?;
    }
    Ok(())
}

fn leaf_format(data_type: &DataType) -> Result<String, String> {
    let format = match data_type {
        DataType::Boolean => "b",
        DataType::Int8 => "c",
        DataType::Int16 => "s",
        DataType::Int32 => "i",
        DataType::Int64 => "l",
        DataType::Float32 => "f",
        DataType::Float64 => "g",
        DataType::Utf8 => "u",
        DataType::Binary => "z",
        DataType::Date32 => "tdD",
        DataType::Time32(TimeUnit::Millisecond) => "ttm",
        DataType::Interval(IntervalUnit::YearMonth) => "tiM",
        DataType::Duration(TimeUnit::Millisecond) => "tDm",
        DataType::Decimal128(precision, scale) => return Ok(format!("d:{precision},{scale}")),
        DataType::Timestamp(unit, zone) => {
            let unit = match unit {
                TimeUnit::Second => 's',
                TimeUnit::Millisecond => 'm',
                TimeUnit::Microsecond => 'u',
                TimeUnit::Nanosecond => 'n',
            };
            let zone = if zone.is_some() { "UTC" } else { "" };
            return Ok(format!("ts{unit}:{zone}"));
        }
        other => return Err(format!("type {other} cannot be sent to a function")),
    };
    Ok(format.to_string())
}

/// The field that `nodes` describe, all of them.
pub(crate) fn from_nodes(nodes: &[FieldNode]) -> Result<Field, String> {
    if nodes.len() > MAX_NODES {
        return Err(format!("a type has {} nodes, more than {MAX_NODES}", nodes.len()));
    }
    let mut rest = nodes.iter();
    let field = read_node(&mut rest, 0)?;
    match rest.len() {
        0 => Ok(field),
        left => Err(format!("{left} nodes are left over after the type of '{}'", field.name())),
    }
}

fn read_node(nodes: &mut std::slice::Iter<'_, FieldNode>, depth: usize) -> Result<Field, String> {
    if depth >= MAX_DEPTH {
        return Err(format!("type nests deeper than {MAX_DEPTH} levels"));
    }
    let node = nodes.next().ok_or_else(|| "a type ends before its last node".to_string())?;
    if node.name.len() > MAX_NAME {
        return Err(format!("a name has {} bytes, more than {MAX_NAME}", node.name.len()));
    }
    if node.name.chars().any(char::is_control) {
        return Err(format!("the name {:?} has control characters", node.name));
    }
    let mut children = Vec::new();
    for _ in 0..node.children {
        children.push(Arc::new(read_node(nodes, depth + 1)?));
    }
    let expect_children = |wanted: usize| {
        if children.len() == wanted {
            Ok(())
        } else {
            Err(format!(
                "'{}' of format '{}' has {} children instead of {wanted}",
                node.name,
                node.format,
                children.len()
            ))
        }
    };
    let data_type = match node.format.as_str() {
        "+s" => DataType::Struct(Fields::from(children)),
        "+l" => {
            expect_children(1)?;
            DataType::List(children.remove(0))
        }
        "+m" => {
            expect_children(1)?;
            let entries = children.remove(0);
            match entries.data_type() {
                DataType::Struct(fields) if fields.len() == 2 && !fields[0].is_nullable() => {}
                _ => {
                    return Err(format!(
                        "'{}' is a map, whose one child must be a struct of a key that is not nullable and a value",
                        node.name
                    ));
                }
            }
            DataType::Map(Arc::new(entries.as_ref().clone().with_nullable(false)), false)
        }
        format => {
            expect_children(0)?;
            leaf_type(format)
                .ok_or_else(|| format!("'{}' has the format '{format}', which the contract does not have", node.name))?
        }
    };
    Ok(Field::new(&node.name, data_type, node.nullable))
}

fn leaf_type(format: &str) -> Option<DataType> {
    Some(match format {
        "b" => DataType::Boolean,
        "c" => DataType::Int8,
        "s" => DataType::Int16,
        "i" => DataType::Int32,
        "l" => DataType::Int64,
        "f" => DataType::Float32,
        "g" => DataType::Float64,
        "u" => DataType::Utf8,
        "z" => DataType::Binary,
        "tdD" => DataType::Date32,
        "ttm" => DataType::Time32(TimeUnit::Millisecond),
        "tiM" => DataType::Interval(IntervalUnit::YearMonth),
        "tDm" => DataType::Duration(TimeUnit::Millisecond),
        _ => {
            if let Some(decimal) = format.strip_prefix("d:") {
                let (precision, scale) = decimal.split_once(',')?;
                let precision: u8 = precision.parse().ok()?;
                let scale: i8 = scale.parse().ok()?;
                let in_range =
                    (1..=DECIMAL128_MAX_PRECISION).contains(&precision) && scale >= 0 && scale as u8 <= precision;
                return in_range.then_some(DataType::Decimal128(precision, scale));
            }
            let (unit, zone) = format.strip_prefix("ts")?.split_once(':')?;
            let unit = match unit {
                "s" => TimeUnit::Second,
                "m" => TimeUnit::Millisecond,
                "u" => TimeUnit::Microsecond,
                "n" => TimeUnit::Nanosecond,
                _ => return None,
            };
            let zone = match zone {
                "" => None,
                "UTC" => Some("UTC".into()),
                _ => return None,
            };
            DataType::Timestamp(unit, zone)
        }
    })
}

/// Whether values of the two types have the same buffers: names, nullability and the names of zones do not count.
pub(crate) fn same_layout(left: &DataType, right: &DataType) -> bool {
    match (left, right) {
        (DataType::List(left), DataType::List(right)) => same_layout(left.data_type(), right.data_type()),
        (DataType::Map(left, _), DataType::Map(right, _)) => same_layout(left.data_type(), right.data_type()),
        (DataType::Struct(left), DataType::Struct(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same_layout(left.data_type(), right.data_type()))
        }
        (DataType::Timestamp(left, left_zone), DataType::Timestamp(right, right_zone)) => {
            left == right && left_zone.is_some() == right_zone.is_some()
        }
        (left, right) => left == right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn all_types() -> Vec<DataType> {
        let utf8 = Arc::new(Field::new("item", DataType::Utf8, true));
        let pair = Fields::from(vec![
            Field::new("key", DataType::Utf8, false),
            Field::new("value", DataType::List(utf8.clone()), true),
        ]);
        let mut types = vec![
            DataType::Boolean,
            DataType::Int8,
            DataType::Int16,
            DataType::Int32,
            DataType::Int64,
            DataType::Float32,
            DataType::Float64,
            DataType::Decimal128(38, 18),
            DataType::Utf8,
            DataType::Binary,
            DataType::Date32,
            DataType::Time32(TimeUnit::Millisecond),
            DataType::Interval(IntervalUnit::YearMonth),
            DataType::Duration(TimeUnit::Millisecond),
            DataType::List(utf8),
            DataType::Struct(pair.clone()),
            DataType::Struct(Fields::empty()),
            DataType::Map(Arc::new(Field::new("entries", DataType::Struct(pair), false)), false),
        ];
        for unit in [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond] {
            types.push(DataType::Timestamp(unit, None));
            types.push(DataType::Timestamp(unit, Some("UTC".into())));
        }
        types
    }

    #[test]
    fn every_type_of_the_contract_survives_a_round_trip() {
        for data_type in all_types() {
            for nullable in [true, false] {
                let field = Field::new("f", data_type.clone(), nullable);
                assert_eq!(from_nodes(&to_nodes(&field).unwrap()).unwrap(), field);
            }
        }
    }

    #[test]
    fn nonsense_is_named() {
        let node = |name: &str, format: &str, children| FieldNode {
            name: name.into(),
            format: format.into(),
            nullable: true,
            children,
        };
        let deep: Vec<_> = (0..40).map(|_| node("d", "+l", 1)).collect();
        let mut said = String::new();
        for nodes in [
            vec![],
            vec![node("a", "l", 0), node("b", "l", 0)],
            vec![node("a", "+l", 1)],
            vec![node("a", "+l", 2), node("b", "l", 0), node("c", "l", 0)],
            vec![node("a", "l", 1), node("b", "l", 0)],
            vec![node("a", "d:39,0", 0)],
            vec![node("a", "d:10,11", 0)],
            vec![node("a", "tsx:", 0)],
            vec![node("a", "tsm:Asia/Tokyo", 0)],
            vec![node("a", "U", 0)],
            vec![node("a", "+m", 1), node("b", "l", 0)],
            vec![node("a", "+s", u32::MAX)],
            deep,
        ] {
            said.push_str(&from_nodes(&nodes).unwrap_err());
            said.push('\n');
        }
        expect![[r#"
            a type ends before its last node
            1 nodes are left over after the type of 'a'
            a type ends before its last node
            'a' of format '+l' has 2 children instead of 1
            'a' of format 'l' has 1 children instead of 0
            'a' has the format 'd:39,0', which the contract does not have
            'a' has the format 'd:10,11', which the contract does not have
            'a' has the format 'tsx:', which the contract does not have
            'a' has the format 'tsm:Asia/Tokyo', which the contract does not have
            'a' has the format 'U', which the contract does not have
            'a' is a map, whose one child must be a struct of a key that is not nullable and a value
            a type ends before its last node
            type nests deeper than 32 levels
        "#]]
        .assert_eq(&said);
        assert_eq!(
            to_nodes(&Field::new("x", DataType::LargeUtf8, true)).unwrap_err(),
            "type LargeUtf8 cannot be sent to a function"
        );
    }
}
