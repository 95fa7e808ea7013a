//! Packages in C, C++ and Go, built from their sources and called by a host.

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anabranch_build::{Language, Log, build, create};
use anabranch_host::{OnError, Package};
use anyhow::{Result, ensure};
use arrow::array::{ArrayRef, Int32Array, Int64Array};

use support::{bind, check_example, check_identities, kitchen, strings, toolchains};

#[test]
fn the_example_in_c() -> Result<()> {
    check_example(Language::C)
}

#[test]
fn the_example_in_cpp() -> Result<()> {
    check_example(Language::Cpp)
}

#[test]
fn the_example_in_go() -> Result<()> {
    check_example(Language::Go)
}

const MANIFEST: (&str, &str) = ("anabranch.toml", "[package]\nname = \"kitchen_sink\"\nversion = \"1.2.3\"\n");

#[test]
fn every_type_in_c() -> Result<()> {
    let (_folder, package) = kitchen(MANIFEST, "c/tests/kitchen_sink.c", "src/kitchen_sink.c")?;
    assert_eq!(package.metadata().version, "1.2.3");
    check_imports(&package)?;
    check_identities(&package)?;
    check_calls(&package)
}

#[test]
fn every_type_in_cpp() -> Result<()> {
    let (_folder, package) = kitchen(MANIFEST, "c/tests/kitchen_sink.cpp", "src/kitchen_sink.cpp")?;
    check_imports(&package)?;
    check_identities(&package)?;
    check_calls(&package)
}

#[test]
fn every_type_in_go() -> Result<()> {
    let sdk = "github.com/anabranch/anabranch/udf-sdk/go";
    let manifest =
        format!("module kitchen_sink\n\ngo 1.24\n\nrequire {sdk} v0.1.0\n\nreplace {sdk} => ./.anabranch/go\n");
    let (_folder, package) = kitchen(("go.mod", &manifest), "go/tests/kitchen_sink.go", "kitchen_sink.go")?;
    check_imports(&package)?;
    check_identities(&package)?;
    check_calls(&package)?;
    // A panic is the error of its row.
    let output = bind(&package, "fail_on")?.scalar()?.call(&[strings([Some("a"), Some("panic"), Some("b")])], 3)?;
    assert_eq!(&output.array, &strings([Some("a"), None, Some("b")]));
    assert_eq!(output.errors[0].message, "this text is a panic");
    Ok(())
}

/// A package imports nothing of WASI, whatever its language's library would like to.
fn check_imports(package: &Package) -> Result<()> {
    let foreign = package.imports().iter().find(|import| !import.starts_with("anabranch:functions/"));
    ensure!(foreign.is_none(), "it imports {foreign:?}");
    Ok(())
}

/// What the kitchen sinks have in common, in rows enough to fill the memory of a call more than once.
fn check_calls(package: &Arc<Package>) -> Result<()> {
    let longs = |values: Vec<Option<i64>>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    for rows in [1_i64, 100, 20_000, 3] {
        let left = longs((0..rows).map(|row| (row % 7 != 3).then_some(row * 31)).collect());
        let right = longs((0..rows).map(|row| (row % 5 != 4).then_some(i64::MAX - row)).collect());
        let sum = |row: i64| (row % 7 != 3 && row % 5 != 4).then(|| (row * 31).wrapping_add(i64::MAX - row));
        for name in ["add", "add_rows"] {
            let output = bind(package, name)?.scalar()?.call(&[left.clone(), right.clone()], usize::try_from(rows)?)?;
            assert_eq!(&output.array, &longs((0..rows).map(sum).collect()), "{name} of {rows} rows");
        }
    }

    let texts = strings([Some("Grüße"), None, Some(""), Some("a somewhat longer text")]);
    let lengths: ArrayRef = Arc::new(Int32Array::from(vec![Some(5), None, Some(0), Some(22)]));
    assert_eq!(&bind(package, "len")?.scalar()?.call(&[texts], 4)?.array, &lengths);

    let texts = strings([Some("a"), Some("error"), Some("null"), None, Some("error")]);
    let output = bind(package, "fail_on")?.scalar()?.call(&[texts], 5)?;
    assert_eq!(&output.array, &strings([Some("a"), None, None, None, None]));
    let errors: Vec<_> = output.errors.iter().map(|error| (error.row, error.message.as_str())).collect();
    assert_eq!(errors, [(1, "this text is an error"), (4, "this text is an error")]);

    // Accumulators of many groups come and go.
    let sum = bind(package, "sum")?;
    for _ in 0..3 {
        let mut sums = sum.aggregate(OnError::Fail)?;
        sums.accumulate(&(0..5_000).collect::<Vec<_>>(), &[longs((0..5_000).map(Some).collect())])?;
        sums.remove(&[4_999])?;
        assert_eq!(&sums.evaluate(&[4_998, 4_999])?.array, &longs(vec![Some(4_998), None]));
    }
    let mut collected = bind(package, "collect_texts")?.aggregate(OnError::Fail)?;
    let columns = [strings([Some("a"), Some("b"), Some("c")]), strings([Some(","), None, Some(";")])];
    collected.accumulate(&[0, 0, 1], &columns)?;
    let state = collected.state(&[1])?;
    collected.merge(&[0], &state)?;
    collected.restore(&[7], &state)?;
    let values = collected.evaluate(&[0, 7])?.array;
    let said = arrow::util::pretty::pretty_format_columns("texts", &[values])?.to_string();
    ensure!(said.contains("a,bc;") && said.contains("c;  "), "{said}");
    Ok(())
}

#[test]
fn the_same_source_makes_the_same_component_wherever_it_lies() -> Result<()> {
    for language in [Language::C, Language::Cpp, Language::Go] {
        let root = tempfile::tempdir()?;
        let mut components = Vec::new();
        for place in ["here", "somewhere/else"] {
            let folder = root.path().join(place);
            create(language, "salutes", &folder)?;
            components.push(fs::read(build(&folder, &toolchains(), &mut Log::default())?)?);
        }
        ensure!(components[0] == components[1], "two builds of the example in {language} differ");
        let text = String::from_utf8_lossy(&components[0]);
        for place in [root.path(), Path::new(env!("CARGO_MANIFEST_DIR"))] {
            ensure!(!text.contains(&place.display().to_string()), "{language}: it names {}", place.display());
        }
    }
    Ok(())
}

#[test]
fn a_package_that_cannot_be_built_says_why() -> Result<()> {
    for (language, source, reason) in [
        (Language::C, "src/salutes.c", "zig` failed: exit status: 1"),
        (Language::Cpp, "src/salutes.cpp", "zig` failed: exit status: 1"),
        (Language::Go, "salutes.go", "`go` failed: exit status: 1"),
    ] {
        let folder = tempfile::tempdir()?;
        create(language, "salutes", folder.path())?;
        fs::write(folder.path().join(source), "this is no program\n")?;
        match build(folder.path(), &toolchains(), &mut Log::default()) {
            Ok(path) => anyhow::bail!("{} was built", path.display()),
            Err(error) => ensure!(format!("{error:#}").contains(reason), "{error:#}"),
        }
    }
    Ok(())
}
