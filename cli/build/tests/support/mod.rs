//! What packages of all languages are tried with: built from their sources, called by a host.
//!
//! The toolchains are installed into the target folder, once for all runs.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anabranch_build::{Language, Log, build, create};
use anabranch_host::{
    AggregateFunction, BindRequest, BoundFunction, Grants, Host, HostConfig, Limits, OnError, Package,
};
use anyhow::{Context, Result, ensure};
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, ListArray, MapArray, StringArray, StructArray,
    make_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type};

pub fn toolchains() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("toolchains")
}

pub fn load(folder: &Path) -> Result<Arc<Package>> {
    let component = build(folder, &toolchains(), &mut Log::default())?;
    let host = Host::new(HostConfig { cache: None, ..HostConfig::default() })?;
    Ok(host.load_file(component, &Limits::default())?)
}

pub fn bind(package: &Arc<Package>, name: &str) -> Result<BoundFunction> {
    let function = package.functions().iter().position(|signature| signature.name == name);
    let function = function.with_context(|| format!("there is no function {name}"))?;
    let arguments = package.functions()[function].parameters.clone();
    Ok(package.bind(BindRequest { function, arguments, ..Default::default() }, Limits::default(), Grants::default())?)
}

pub fn strings<const N: usize>(values: [Option<&str>; N]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn doubles<const N: usize>(values: [Option<f64>; N]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// What the example packages of all languages do, under another name.
pub fn check_example(language: Language) -> Result<()> {
    let folder = tempfile::tempdir()?;
    create(language, "salutes", folder.path())?;
    check_greetings(&load(folder.path())?)
}

/// What [`check_example`] wants of the component.
pub fn check_greetings(package: &Arc<Package>) -> Result<()> {
    assert_eq!((package.metadata().name.as_str(), package.metadata().version.as_str()), ("salutes", "0.1.0"));

    let names = strings([Some("Ada"), None, Some(""), Some("Zoë 😀")]);
    let greeted = bind(package, "greet")?.scalar()?.call(&[names], 4)?;
    assert_eq!(&greeted.array, &strings([Some("Hello, Ada!"), None, Some("Hello, !"), Some("Hello, Zoë 😀!")]));
    assert!(greeted.errors.is_empty());

    let mut split = bind(package, "split_words")?.table()?;
    split.begin(&[strings([Some(" to be  or "), None, Some(""), Some("ü x")])], 4)?;
    let mut words = Vec::new();
    while let Some(chunk) = split.next(2)? {
        let column = chunk.columns[0].as_string::<i32>();
        words.extend(
            chunk.rows.values().iter().zip(column).map(|(row, word)| (*row, word.unwrap_or_default().to_owned())),
        );
    }
    let expected = [(0, "to"), (0, "be"), (0, "or"), (3, "ü"), (3, "x")];
    assert_eq!(words, expected.map(|(row, word)| (row, word.to_owned())));

    let mean = bind(package, "mean")?;
    assert!(mean.supports_retract() && mean.supports_merge());
    let values = |means: &mut AggregateFunction, groups: &[u32]| -> Result<Vec<Option<f64>>> {
        Ok(means.evaluate(groups)?.array.as_primitive::<Float64Type>().iter().collect())
    };
    let mut means = mean.aggregate(OnError::Fail)?;
    means.accumulate(&[0, 1, 0, 2], &[doubles([Some(1.0), None, Some(2.0), Some(7.0)])])?;
    assert_eq!(values(&mut means, &[0, 1, 2, 3])?, [Some(1.5), None, Some(7.0), None]);
    means.retract(&[0], &[doubles([Some(1.0)])])?;
    assert_eq!(values(&mut means, &[0])?, [Some(2.0)]);
    // The state goes to another instance, is added there to what it has, and taken for a group's own.
    let state = means.state(&[0, 2])?;
    let mut others = mean.aggregate(OnError::Fail)?;
    others.accumulate(&[5], &[doubles([Some(4.0)])])?;
    others.merge(&[5, 5], &state)?;
    others.restore(&[6, 7], &state)?;
    assert_eq!(values(&mut others, &[5, 6, 7])?, [Some(13.0 / 3.0), Some(2.0), Some(7.0)]);
    others.remove(&[5])?;
    assert_eq!(values(&mut others, &[5])?, [None]);
    Ok(())
}

/// Values of a type, some of them NULL if they may be: extremes, and many in between.
fn sample(field: &Field, rows: usize) -> Result<ArrayRef> {
    let nulls = (0..rows).map(|row| !field.is_nullable() || row % 5 != 3).collect::<Vec<_>>();
    let nulls = Some(NullBuffer::from(nulls)).filter(|_| field.is_nullable());
    let offsets = || OffsetBuffer::<i32>::from_lengths((0..rows).map(|row| row % 4));
    let items = || (0..rows).map(|row| row % 4).sum();
    let texts = ["", "Ada", "a longer text, of more than a word", "Zürich", "\u{1f600}\0", "naïve"];
    let array: ArrayRef = match field.data_type() {
        DataType::Boolean => Arc::new((0..rows).map(|row| Some(row % 3 == 0)).collect::<BooleanArray>()),
        DataType::Utf8 => Arc::new(StringArray::from_iter_values((0..rows).map(|row| texts[row * 7 % 6]))),
        DataType::Binary => Arc::new(BinaryArray::from_iter_values((0..rows).map(|row| vec![row as u8; row % 3]))),
        DataType::List(item) => {
            Arc::new(ListArray::try_new(item.clone(), offsets(), sample(item, items())?, nulls.clone())?)
        }
        DataType::Map(entries, _) => {
            let DataType::Struct(fields) = entries.data_type() else { anyhow::bail!("entries are no struct") };
            // The keys of one map differ, and are in their order, as some languages sort them.
            let keys: ArrayRef =
                Arc::new(StringArray::from_iter_values((0..items()).map(|item| format!("k{item:04}"))));
            let entry = StructArray::try_new(fields.clone(), vec![keys, sample(&fields[1], items())?], None)?;
            Arc::new(MapArray::try_new(entries.clone(), offsets(), entry, nulls.clone(), false)?)
        }
        DataType::Struct(fields) => {
            let members = fields.iter().map(|member| sample(member, rows)).collect::<Result<Vec<_>>>()?;
            Arc::new(StructArray::try_new(fields.clone(), members, nulls.clone())?)
        }
        // Numbers, and what is kept as such, within the limits that dates and times have in the languages.
        data_type => {
            let number = |row: usize| (row as f64 - rows as f64 / 2.0) * 0.25;
            match data_type {
                DataType::Time32(_) => {
                    let times = Float64Array::from_iter_values((0..rows).map(|row| (row * 7919) as f64));
                    cast(&cast(&times, &DataType::Int32)?, data_type)?
                }
                DataType::Float32 | DataType::Float64 | DataType::Decimal128(..) => {
                    cast(&Float64Array::from_iter_values((0..rows).map(number)), data_type)?
                }
                _ => {
                    let wide = if data_type.primitive_width() == Some(8) { DataType::Int64 } else { DataType::Int32 };
                    let scale = if data_type.primitive_width() < Some(4) { 1.0 } else { 31.0 };
                    let whole = (0..rows).map(|row| (number(row) * scale).clamp(-128.0, 127.0 * scale * 30.0));
                    let whole = cast(&Float64Array::from_iter_values(whole), &wide)?;
                    cast(&whole, data_type).or_else(|_| {
                        let data = whole.to_data().into_builder().data_type(data_type.clone()).build()?;
                        anyhow::Ok(make_array(data))
                    })?
                }
            }
        }
    };
    let data = array.to_data().into_builder().nulls(nulls).build()?;
    Ok(make_array(data))
}

/// Every function `same_…` gives what it is given, in calls of all sizes.
pub fn check_identities(package: &Arc<Package>) -> Result<()> {
    let mut types = 0;
    for signature in package.functions().iter().filter(|signature| signature.name.starts_with("same_")) {
        let mut same = bind(package, &signature.name)?.scalar()?;
        for rows in [1, 7, 8, 9, 1000] {
            let values = sample(&signature.parameters[0], rows)?;
            let output = same.call(std::slice::from_ref(&values), rows)?;
            ensure!(output.errors.is_empty(), "{}: {:?}", signature.name, output.errors[0]);
            // Names within a type are the function's, and NULLs may hide anything.
            let output = cast(&output.array, values.data_type())?;
            assert_eq!(&output, &values, "{} of {rows} rows", signature.name);
        }
        types += 1;
    }
    ensure!(types > 20, "only {types} types were tried");
    Ok(())
}

/// A package of one file of an SDK's own tests, which goes to a `place` in it.
pub fn kitchen(manifest: (&str, &str), module: &str, place: &str) -> Result<(tempfile::TempDir, Arc<Package>)> {
    let folder = tempfile::tempdir()?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../udf-sdk").join(module);
    let place = folder.path().join(place);
    fs::create_dir_all(place.parent().context("it lies in the package")?)?;
    fs::copy(&source, place)?;
    fs::write(folder.path().join(manifest.0), manifest.1)?;
    let package = load(folder.path())?;
    Ok((folder, package))
}
