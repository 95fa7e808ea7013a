//! Packages in Python, JavaScript and TypeScript, built from their sources and called by a host.

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anabranch_build::{Language, Log, build, create};
use anabranch_host::Package;
use anyhow::{Result, ensure};
use arrow::array::ArrayRef;

use support::{bind, check_example, check_identities, kitchen, toolchains};

#[test]
fn the_example_in_python() -> Result<()> {
    check_example(Language::Python)
}

#[test]
fn the_example_in_javascript() -> Result<()> {
    check_example(Language::JavaScript)
}

#[test]
fn the_example_in_typescript() -> Result<()> {
    check_example(Language::TypeScript)
}

fn check_errors(package: &Arc<Package>, division: &str) -> Result<()> {
    let longs = |values: Vec<Option<i64>>| -> ArrayRef { Arc::new(arrow::array::Int64Array::from(values)) };
    let columns = [longs(vec![Some(6), Some(1), None, Some(4)]), longs(vec![Some(2), Some(0), Some(0), Some(2)])];
    for name in ["divide", "divide_columns"] {
        let output = bind(package, name)?.scalar()?.call(&columns, 4)?;
        assert_eq!(&output.array, &longs(vec![Some(3), None, None, Some(2)]), "{name}");
        let [error] = &output.errors[..] else { anyhow::bail!("{name}: {:?}", output.errors) };
        assert_eq!(error.row, 1);
        ensure!(error.message.contains(division), "{name}: {}", error.message);
    }
    Ok(())
}

#[test]
fn every_type_in_python() -> Result<()> {
    let manifest = ("pyproject.toml", "[project]\nname = \"kitchen\"\n");
    let (_folder, package) = kitchen(manifest, "python/tests/kitchen.py", "kitchen.py")?;
    check_identities(&package)?;
    check_errors(&package, "ZeroDivisionError: division by zero (kitchen.py:")
}

#[test]
fn every_type_in_javascript() -> Result<()> {
    let (_folder, package) =
        kitchen(("package.json", "{ \"name\": \"kitchen\" }"), "js/test/kitchen.js", "kitchen.js")?;
    check_identities(&package)?;
    check_errors(&package, "RangeError: BigInt division by zero")
}

#[test]
fn a_package_that_cannot_be_built_says_why() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let failed = |folder: &Path| match build(folder, &toolchains(), &mut Log::default()) {
        Ok(path) => anyhow::bail!("{} was built", path.display()),
        Err(error) => Ok(format!("{error:#}")),
    };
    create(Language::Python, "salutes", folder.path())?;
    let module = folder.path().join("salutes.py");
    fs::write(&module, "from anabranch_udf import scalar\n\n@scalar\ndef f(x: complex) -> int:\n    return 1\n")?;
    let said = failed(folder.path())?;
    ensure!(said.contains("the parameter `x` of f is annotated complex, which stands for no SQL type"), "{said}");
    ensure!(said.contains("salutes.py\", line 3"), "{said}");
    ensure!(!said.contains("backtrace"), "{said}");
    fs::write(&module, "import this_is_not_there\n")?;
    let said = failed(folder.path())?;
    ensure!(said.contains("No module named 'this_is_not_there'"), "{said}");
    fs::write(&module, "x = 1\n")?;
    let said = failed(folder.path())?;
    ensure!(said.contains("salutes declares no functions: decorate one with @scalar, @table or @aggregate"), "{said}");
    fs::remove_file(&module)?;
    let said = failed(folder.path())?;
    ensure!(said.contains("it has neither a module salutes.py nor a package salutes/__init__.py"), "{said}");

    let folder = tempfile::tempdir()?;
    create(Language::JavaScript, "salutes", folder.path())?;
    let module = folder.path().join("salutes.js");
    fs::write(&module, "export const x = ;\n")?;
    let said = failed(folder.path())?;
    ensure!(said.contains("salutes.js:1:17") && said.contains("Unexpected \";\""), "{said}");
    fs::write(&module, "export const x = 1;\n")?;
    let said = failed(folder.path())?;
    ensure!(said.contains("the package exports no functions"), "{said}");
    Ok(())
}
