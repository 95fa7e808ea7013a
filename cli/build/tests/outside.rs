//! Packages in Rust, Go, C and C++ that are built for WASI: their standard libraries find what the function is granted, and
//! nothing else.

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anabranch_build::{Language, create};
use anabranch_host::{BindRequest, BoundFunction, Grants, Limits, Package};
use anyhow::{Context, Result, ensure};
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::Int64Type;

use support::{load, strings};

#[test]
fn in_rust() -> Result<()> {
    check(Language::Rust, "src/lib.rs", "outside.rs", "[package]\n", "[package]\nmetadata.anabranch.wasi = true\n")
}

#[test]
fn in_go() -> Result<()> {
    check(Language::Go, "outside.go", "outside.go", "\ngo ", "\n//anabranch:wasi\n\ngo ")
}

#[test]
fn in_c() -> Result<()> {
    check(Language::C, "src/outside.c", "outside.c", "[package]\n", "[package]\nwasi = true\n")
}

#[test]
fn in_cpp() -> Result<()> {
    check(Language::Cpp, "src/outside.cpp", "outside.cpp", "[package]\n", "[package]\nwasi = true\n")
}

/// Makes the package of a template's files but with other functions, for WASI where `plain` in its manifest is replaced.
fn check(language: Language, main: &str, functions: &str, plain: &str, wasi: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    create(language, "outside", folder.path())?;
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside").join(functions);
    fs::copy(functions, folder.path().join(main))?;
    for tests in ["outside_test.go", "src/tests.rs", "tests"] {
        let path = folder.path().join(tests);
        if path.is_dir() { fs::remove_dir_all(path)? } else { drop(fs::remove_file(path)) }
    }

    // What a plain package in Rust imports is looked at elsewhere.
    if language != Language::Rust {
        let package = load(folder.path())?;
        ensure!(package.wanted_grants().is_empty(), "{:?}", package.wanted_grants());
        check_nothing(&package)?;
    }

    let manifest = folder.path().join(language.manifest());
    let text = fs::read_to_string(&manifest)?;
    ensure!(text.contains(plain), "{text}");
    fs::write(&manifest, text.replacen(plain, wasi, 1))?;
    let package = load(folder.path())?;
    for grant in ["grant.clock", "grant.dir.*", "grant.env"] {
        ensure!(package.wanted_grants().contains(&grant), "{:?}", package.wanted_grants());
    }
    check_nothing(&package)?;

    let files = tempfile::tempdir()?;
    fs::write(files.path().join("lines"), "the first\nthe second\n")?;
    let mut grants = Grants::default();
    grants.set("grant.env.PLACE", "Zürich")?;
    grants.set("grant.dir./files", &files.path().display().to_string())?;
    grants.set("grant.clock", "true")?;
    let call = |name, argument| call(&package, &grants, name, argument);
    assert_eq!(call("variable", "PLACE")?, "Zürich");
    assert_eq!(call("variable", "HOME")?, "NULL");
    assert_eq!(call("first_line", "/files/lines")?, "the first");
    assert_eq!(call("first_line", "/files/../lines")?, "error: it cannot be read");
    assert_eq!(call("first_line", "/etc/passwd")?, "error: it cannot be read");
    // Enough for collections of garbage, which read clocks.
    let long = "x".repeat(2_000);
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values((0..2_000).map(|row| format!("{row}{long}"))));
    let mut variables = bind(&package, &grants, "variable")?.scalar()?;
    for _ in 0..20 {
        let output = variables.call(std::slice::from_ref(&texts), texts.len())?;
        ensure!(output.array.null_count() == texts.len() && output.errors.is_empty(), "{:?}", output.errors.first());
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let told: u64 = call("seconds", "")?.parse()?;
    ensure!(now.abs_diff(told) < 60, "it is {now}, and {told} was told");
    Ok(())
}

/// What is seen where nothing is granted.
fn check_nothing(package: &Arc<Package>) -> Result<()> {
    let call = |name, argument| call(package, &Grants::default(), name, argument);
    assert_eq!(call("variable", "HOME")?, "NULL");
    assert_eq!(call("first_line", "/files/lines")?, "error: it cannot be read");
    let told = call("seconds", "")?;
    ensure!(["0", "1"].contains(&told.as_str()), "the clock does not stand still, but at {told}");
    Ok(())
}

/// The value or error of one row, as a text.
fn call(package: &Arc<Package>, grants: &Grants, name: &str, argument: &str) -> Result<String> {
    let function =
        package.functions().iter().position(|signature| signature.name == name).context("no such function")?;
    let arguments = package.functions()[function].parameters.clone();
    let request = BindRequest { function, arguments, ..Default::default() };
    let output =
        package.bind(request, Limits::default(), grants.clone())?.scalar()?.call(&[strings([Some(argument)])], 1)?;
    if let Some(error) = output.errors.first() {
        return Ok(format!("error: {}", error.message));
    }
    if output.array.is_null(0) {
        return Ok("NULL".into());
    }
    Ok(match output.array.as_string_opt::<i32>() {
        Some(texts) => texts.value(0).to_owned(),
        None => output.array.as_primitive::<Int64Type>().value(0).to_string(),
    })
}

fn bind(package: &Arc<Package>, grants: &Grants, name: &str) -> Result<BoundFunction> {
    let function =
        package.functions().iter().position(|signature| signature.name == name).context("no such function")?;
    let arguments = package.functions()[function].parameters.clone();
    let request = BindRequest { function, arguments, ..Default::default() };
    Ok(package.bind(request, Limits::default(), grants.clone())?)
}
