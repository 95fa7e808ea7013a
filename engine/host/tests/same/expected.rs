//! The scalar functions as plain Rust over columns, and the columns that each is tried with.

use std::sync::Arc;

use anabranch_udf::{Decimal, Timestamp};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, ListBuilder,
    PrimitiveBuilder, StringArray, StructArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, TimestampMillisecondType};

use super::data::Random;
use super::same;

type Arguments = fn(&mut Random, usize) -> Vec<ArrayRef>;
/// The result, and the rows that fail.
type Expected = fn(&[ArrayRef]) -> (ArrayRef, Vec<u32>);

/// By name.
pub const SCALARS: &[(&str, Arguments, Expected)] = &[
    ("add", halves, |columns| longs(columns, same::add)),
    ("add_columns", halves, |columns| longs(columns, same::add)),
    ("mix", |random, rows| vec![random.longs(rows), random.longs(rows)], |columns| longs(columns, same::mix)),
    ("spread", |random, rows| vec![random.doubles(rows), random.doubles(rows)], spread),
    ("root", roots, root),
    ("len", |random, rows| vec![random.texts(rows)], len),
    ("reverse", |random, rows| vec![random.texts(rows)], reverse),
    ("both", |random, rows| vec![random.booleans(rows), random.booleans(rows)], both),
    ("add_amounts", |random, rows| vec![random.amounts(rows), random.amounts(rows)], add_amounts),
    ("later", Random::moments, later),
    ("backwards", |random, rows| vec![random.lists(rows)], backwards),
    ("mirrored", |random, rows| vec![random.places(rows)], mirrored),
];

/// Numbers whose sums are numbers of 64 bits.
fn halves(random: &mut Random, rows: usize) -> Vec<ArrayRef> {
    let mut half =
        || -> ArrayRef { Arc::new(random.longs(rows).as_primitive::<Int64Type>().unary::<_, Int64Type>(|x| x / 2)) };
    vec![half(), half()]
}

/// Numbers of which a few are negative: an interpreter takes long to say where an error comes from.
fn roots(random: &mut Random, rows: usize) -> Vec<ArrayRef> {
    let numbers = random.doubles(rows);
    let mut rarely_negative = |x: f64| if x < 0.0 && random.below(20) > 0 { -x } else { x };
    let numbers = numbers.as_primitive::<Float64Type>().iter().map(|x| x.map(&mut rarely_negative));
    vec![Arc::new(numbers.collect::<Float64Array>())]
}

fn longs(columns: &[ArrayRef], function: fn(i64, i64) -> i64) -> (ArrayRef, Vec<u32>) {
    let [a, b] = [0, 1].map(|column: usize| columns[column].as_primitive::<Int64Type>());
    (Arc::new(a.iter().zip(b).map(|(a, b)| Some(function(a?, b?))).collect::<Int64Array>()), vec![])
}

fn spread(columns: &[ArrayRef]) -> (ArrayRef, Vec<u32>) {
    let [x, y] = [0, 1].map(|column: usize| columns[column].as_primitive::<Float64Type>());
    (Arc::new(x.iter().zip(y).map(|(x, y)| Some(same::spread(x?, y?))).collect::<Float64Array>()), vec![])
}

fn root(columns: &[ArrayRef]) -> (ArrayRef, Vec<u32>) {
    let roots: Vec<_> = columns[0].as_primitive::<Float64Type>().iter().map(|x| x.map(same::root)).collect();
    let failed = (0..).zip(&roots).filter(|(_, root)| matches!(root, Some(Err(_)))).map(|(row, _)| row).collect();
    (Arc::new(roots.into_iter().map(|root| root?.ok()).collect::<Float64Array>()), failed)
}

fn len(columns: &[ArrayRef]) -> (ArrayRef, Vec<u32>) {
    (Arc::new(columns[0].as_string::<i32>().iter().map(|text| text.map(same::len)).collect::<Int32Array>()), vec![])
}

fn reverse(columns: &[ArrayRef]) -> (ArrayRef, Vec<u32>) {
    let reversed = columns[0].as_string::<i32>().iter().map(|text| text.map(same::reverse));
    (Arc::new(reversed.collect::<StringArray>()), vec![])
}

fn both(columns: &[ArrayRef]) -> (ArrayRef, Vec<u32>) {
    let [p, q] = [0, 1].map(|column: usize| columns[column].as_boolean());
    (Arc::new(p.iter().zip(q).map(|(p, q)| same::both(p, q)).collect::<BooleanArray>()), vec![])
}

fn add_amounts(columns: &[ArrayRef]) -> (ArrayRef, Vec<u32>) {
    let [a, b] = [0, 1].map(|column: usize| columns[column].as_primitive::<Decimal128Type>());
    let sum = |(a, b): (Option<i128>, Option<i128>)| {
        let amount = |unscaled| Decimal::from_unscaled(unscaled).expect("it has 38 digits");
        Some(same::add_amounts(amount(a?), amount(b?)).expect("as has the sum").unscaled())
    };
    let sums: Decimal128Array = a.iter().zip(b).map(sum).collect();
    (Arc::new(sums.with_data_type(DataType::Decimal128(38, 4))), vec![])
}

fn later(columns: &[ArrayRef]) -> (ArrayRef, Vec<u32>) {
    let (at, by) = (columns[0].as_primitive::<TimestampMillisecondType>(), columns[1].as_primitive::<Int64Type>());
    let later = at.iter().zip(by).map(|(at, by)| Some(same::later(Timestamp(at?), by?).0));
    (Arc::new(later.collect::<TimestampMillisecondArray>()), vec![])
}

fn backwards(columns: &[ArrayRef]) -> (ArrayRef, Vec<u32>) {
    let mut lists = ListBuilder::new(PrimitiveBuilder::<Int64Type>::new());
    for list in columns[0].as_list::<i32>().iter() {
        let items = list.map(|items| same::backwards(items.as_primitive::<Int64Type>().iter().collect()));
        lists.append_option(items);
    }
    (Arc::new(lists.finish()), vec![])
}

fn mirrored(columns: &[ArrayRef]) -> (ArrayRef, Vec<u32>) {
    let places = columns[0].as_struct();
    let (xs, names) = (places.column(0).as_primitive::<Float64Type>(), places.column(1).as_string::<i32>());
    let mirrored = xs
        .iter()
        .zip(names)
        .map(|(x, name)| same::mirrored(same::Place { x: x.unwrap_or_default(), name: name.map(str::to_owned) }));
    let (xs, names): (Vec<f64>, Vec<Option<String>>) = mirrored.map(|place| (place.x, place.name)).unzip();
    let columns: Vec<ArrayRef> = vec![Arc::new(Float64Array::from(xs)), Arc::new(StringArray::from(names))];
    (Arc::new(StructArray::new(places.fields().clone(), columns, places.nulls().cloned())), vec![])
}

/// The array with one NaN for all, of which no language says which it makes, and with what NULLs hide forgotten.
pub fn canonical(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Float64 => {
            let numbers = array.as_primitive::<Float64Type>();
            Arc::new(numbers.iter().map(|x| x.map(|x| if x.is_nan() { f64::NAN } else { x })).collect::<Float64Array>())
        }
        DataType::Struct(fields) => {
            let rows = array.as_struct();
            let columns = rows.columns().iter().map(canonical).collect();
            Arc::new(StructArray::new(fields.clone(), columns, rows.nulls().cloned()))
        }
        _ => array.clone(),
    }
}
