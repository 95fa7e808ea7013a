//! The same functions in every language, `tests/functions/same`, on 100,000 random rows: each component gives what the
//! functions of the Rust package give when they are called here, as plain Rust. `SEED=…` tries other rows.

mod data;
mod expected;
#[path = "../../../../tests/functions/same/rust/src/lib.rs"]
#[allow(dead_code, reason = "what makes a package of it")]
mod same;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anabranch_host::{
    AggregateFunction, BindRequest, BoundFunction, Grants, Host, HostConfig, Limits, OnError, Package,
};
use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{Int32Type, Int64Type};

use data::{Random, slice};

const ROWS: usize = 100_000;
const GROUPS: u32 = 3_000;

#[test]
fn in_rust() {
    check("rust");
}

#[test]
fn in_python() {
    check("python");
}

#[test]
fn in_javascript() {
    check("javascript");
}

#[test]
fn in_typescript() {
    check("typescript");
}

#[test]
fn in_go() {
    check("go");
}

#[test]
fn in_c() {
    check("c");
}

#[test]
fn in_cpp() {
    check("cpp");
}

fn check(language: &str) {
    let seed = std::env::var("SEED").map_or(1, |seed| seed.parse().expect("SEED is a number"));
    println!("seed {seed}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/functions/same").join(language);
    let file = folder.join("same.wasm");
    assert!(file.exists(), "{} is not there: run `cargo xtask components`", file.display());
    // With the user's cache, since compiling an interpreter takes longer than all the rows.
    let host = Host::new(HostConfig::default()).unwrap();
    let start = Instant::now();
    let package = host.load_file(file, &Limits::default()).unwrap();
    println!("loaded: {:.1?}", start.elapsed());
    let mut names: Vec<&str> =
        expected::SCALARS.iter().map(|(name, _, _)| *name).chain(["ask", "split", "total"]).collect();
    let mut there: Vec<&str> = package.functions().iter().map(|signature| signature.name.as_str()).collect();
    names.sort_unstable();
    there.sort_unstable();
    assert_eq!(there, names);
    for (name, arguments, expected) in expected::SCALARS {
        let mut random = Random::new(seed, name);
        let columns = arguments(&mut random, ROWS);
        timed(name, || check_scalar(&package, name, &columns, expected(&columns), &mut random));
    }
    timed("split", || check_table(&package, &mut Random::new(seed, "split")));
    timed("total", || check_aggregate(&package, &mut Random::new(seed, "total")));
}

/// Says how long a check took, to those who ask for a test's output.
fn timed(name: &str, check: impl FnOnce()) {
    let start = Instant::now();
    check();
    println!("{name}: {:.1?}", start.elapsed());
}

fn bind(package: &Arc<Package>, name: &str) -> BoundFunction {
    let function = package.functions().iter().position(|signature| signature.name == name).unwrap();
    let arguments = package.functions()[function].parameters.clone();
    let request = BindRequest { function, arguments, ..BindRequest::default() };
    package.bind(request, Limits::default(), Grants::default()).unwrap()
}

/// The columns as a function declares them: languages differ in what they call the items of an array.
fn adapted(function: &BoundFunction, columns: &[ArrayRef]) -> Vec<ArrayRef> {
    let fields = function.argument_fields().iter();
    fields.zip(columns).map(|(field, column)| cast(column, field.data_type()).unwrap()).collect()
}

fn check_scalar(
    package: &Arc<Package>,
    name: &str,
    columns: &[ArrayRef],
    (expected, errors): (ArrayRef, Vec<u32>),
    random: &mut Random,
) {
    let bound = bind(package, name);
    let arguments = adapted(&bound, columns);
    let mut function = bound.scalar().unwrap();
    let (mut pieces, mut failed) = (Vec::new(), Vec::new());
    for (start, length) in random.batches(ROWS) {
        let output = function.call(&slice(&arguments, start, length), length).unwrap();
        pieces.push(output.array);
        for error in output.errors {
            let row = error.row as usize + start;
            let arguments = slice(columns, row, 1);
            assert!(error.message.contains("it is negative"), "{name}: {} for {arguments:?}", error.message);
            failed.push(row as u32);
        }
    }
    let pieces: Vec<&dyn Array> = pieces.iter().map(AsRef::as_ref).collect();
    let given = cast(&concat(&pieces).unwrap(), expected.data_type()).unwrap();
    compare(name, columns, &expected::canonical(&expected), &expected::canonical(&given));
    assert_eq!(failed, errors, "the rows of {name} that fail");
}

/// Says the first row that differs, with its arguments.
fn compare(name: &str, columns: &[ArrayRef], expected: &ArrayRef, given: &ArrayRef) {
    assert_eq!(given.len(), expected.len(), "rows of {name}");
    if given == expected {
        return;
    }
    let rows = 0..expected.len();
    let different = rows.filter(|row| given.slice(*row, 1) != expected.slice(*row, 1)).collect::<Vec<_>>();
    let Some(row) = different.first() else { return };
    let arguments: Vec<ArrayRef> = columns.iter().map(|column| column.slice(*row, 1)).collect();
    panic!(
        "{name} differs in {} rows; in row {row} it is {:?}, not {:?}, for {arguments:?}",
        different.len(),
        given.slice(*row, 1),
        expected.slice(*row, 1)
    );
}

fn check_table(package: &Arc<Package>, random: &mut Random) {
    let lines = random.texts(ROWS);
    let mut split = bind(package, "split").table().unwrap();
    let mut given = Vec::new();
    for (start, length) in random.batches(ROWS) {
        split.begin(&[lines.slice(start, length)], length).unwrap();
        while let Some(chunk) = split.next(random.below(5_000) as usize + 1).unwrap() {
            assert!(chunk.errors.is_empty(), "{:?}", chunk.errors[0]);
            let (words, places) = (chunk.columns[0].as_string::<i32>(), chunk.columns[1].as_primitive::<Int32Type>());
            assert_eq!((words.null_count(), places.null_count()), (0, 0));
            let rows = chunk.rows.values().iter().map(|row| *row as usize + start);
            let words = words.iter().flatten().map(str::to_owned);
            given.extend(rows.zip(words).zip(places.values()).map(|((row, word), place)| (row, word, *place)));
        }
    }
    let lines = lines.as_string::<i32>().iter().enumerate();
    let words = |(row, line): (usize, Option<&str>)| {
        let words: Vec<(String, i32)> = line
            .map(|line| same::split(line).map(|(word, place)| (word.to_owned(), place)).collect())
            .unwrap_or_default();
        words.into_iter().map(move |(word, place)| (row, word, place))
    };
    let expected: Vec<(usize, String, i32)> = lines.flat_map(words).collect();
    let different = given.iter().zip(&expected).find(|(given, expected)| given != expected);
    assert!(different.is_none(), "{different:?}");
    assert_eq!(given.len(), expected.len());
}

/// Two accumulators of many groups, each with half of the rows; some rows are taken back, groups come and go, states move
/// to a fresh instance, and in the end the one is merged into the other.
fn check_aggregate(package: &Arc<Package>, random: &mut Random) {
    let total = bind(package, "total");
    assert!(total.supports_retract() && total.supports_merge());
    let all: Vec<u32> = (0..GROUPS).collect();
    let mut halves = Vec::new();
    for _ in 0..2 {
        let numbers = random.longs(ROWS / 2);
        let ids: Vec<u32> = (0..ROWS / 2).map(|_| random.below(GROUPS)).collect();
        let (mut totals, mut model) = (total.aggregate(OnError::Fail).unwrap(), empty(&all));
        for (start, length) in random.batches(ROWS / 2) {
            let (batch, groups) = (numbers.slice(start, length), &ids[start..start + length]);
            assert!(totals.accumulate(groups, std::slice::from_ref(&batch)).unwrap().is_empty());
            for (group, number) in groups.iter().zip(values(&batch)) {
                number.into_iter().for_each(|number| model[*group as usize].accumulate(number));
            }
            // Every third row goes again.
            let gone: Vec<u32> = (0..length as u32).filter(|_| random.below(3) == 0).collect();
            let groups: Vec<u32> = gone.iter().map(|row| groups[*row as usize]).collect();
            let batch = take(&batch, &arrow::array::UInt32Array::from(gone), None).unwrap();
            assert!(totals.retract(&groups, std::slice::from_ref(&batch)).unwrap().is_empty());
            for (group, number) in groups.iter().zip(values(&batch)) {
                number.into_iter().for_each(|number| model[*group as usize].retract(number));
            }
            let removed: Vec<u32> = (0..5).map(|_| random.below(GROUPS)).collect();
            totals.remove(&removed).unwrap();
            removed.iter().for_each(|group| model[*group as usize] = same::Total::default());
            if random.below(4) == 0 {
                let state = totals.state(&all).unwrap();
                totals = total.aggregate(OnError::Fail).unwrap();
                totals.restore(&all, &state).unwrap();
            }
            compare_groups(&mut totals, &all, &model);
        }
        halves.push((totals, model));
    }
    let (Some((mut right, other)), Some((mut left, mut model))) = (halves.pop(), halves.pop()) else { return };
    assert!(left.merge(&all, &right.state(&all).unwrap()).unwrap().is_empty());
    model.iter_mut().zip(other).for_each(|(total, other)| total.merge(other));
    compare_groups(&mut left, &all, &model);
}

fn empty(groups: &[u32]) -> Vec<same::Total> {
    groups.iter().map(|_| same::Total::default()).collect()
}

fn values(numbers: &ArrayRef) -> Vec<Option<i64>> {
    numbers.as_primitive::<Int64Type>().iter().collect()
}

fn compare_groups(totals: &mut AggregateFunction, all: &[u32], model: &[same::Total]) {
    let output = totals.evaluate(all).unwrap();
    assert!(output.errors.is_empty(), "{:?}", output.errors[0]);
    let expected: Int64Array = model.iter().map(same::Total::evaluate).collect();
    compare("total", &[], &(Arc::new(expected) as ArrayRef), &output.array);
}
