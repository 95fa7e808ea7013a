//! Packages in Python, JavaScript and TypeScript, built from their sources and called by a host.

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anabranch_build::{Language, Log, build, create};
use anabranch_host::{BindRequest, Grants, Limits, Package};
use anyhow::{Context, Result, ensure};
use arrow::array::ArrayRef;

use support::{bind, check_example, check_greetings, check_identities, kitchen, load, strings, toolchains};

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

/// What an interpreter leaks is given back with its instance. Gives the most memory that there was.
fn memory_of_calls(package: &Arc<Package>, calls: usize, limits: &Limits) -> Result<usize> {
    const ROWS: usize = 8192;
    let function = package.functions().iter().position(|signature| signature.name == "add_columns");
    let function = function.context("there is no function add_columns")?;
    let arguments = package.functions()[function].parameters.clone();
    let request = BindRequest { function, arguments, ..Default::default() };
    let mut add = package.bind(request, limits.clone(), Grants::default())?.scalar()?;
    let numbers: ArrayRef = Arc::new((0..ROWS as i64).collect::<arrow::array::Int64Array>());
    let mut most = 0;
    for _ in 0..calls {
        add.call(&[numbers.clone(), numbers.clone()], ROWS)?;
        most = most.max(add.memory());
    }
    Ok(most)
}

#[test]
fn every_type_in_python() -> Result<()> {
    let manifest = ("pyproject.toml", "[project]\nname = \"kitchen\"\n");
    let (_folder, package) = kitchen(manifest, "python/tests/kitchen.py", "kitchen.py")?;
    check_identities(&package)?;
    check_errors(&package, "ZeroDivisionError: division by zero (kitchen.py:")?;
    // Without recycling, 2,000 calls would leave more than 128 MB behind them.
    let limits = Limits { recycle_memory: 48 << 20, ..Limits::default() };
    let most = memory_of_calls(&package, 2000, &limits)?;
    ensure!(most < 56 << 20, "{most} bytes");
    Ok(())
}

#[test]
fn every_type_in_javascript() -> Result<()> {
    let (_folder, package) =
        kitchen(("package.json", "{ \"name\": \"kitchen\" }"), "js/test/kitchen.js", "kitchen.js")?;
    check_identities(&package)?;
    check_errors(&package, "RangeError: BigInt division by zero")?;
    let most = memory_of_calls(&package, 2000, &Limits::default())?;
    ensure!(most < 8 << 20, "{most} bytes");
    Ok(())
}

/// One package with all functions of the others in JavaScript, as a build takes its time.
#[test]
fn the_example_and_every_type_in_starlingmonkey() -> Result<()> {
    let folder = tempfile::tempdir()?;
    create(Language::JavaScript, "salutes", folder.path())?;
    let kitchen = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../udf-sdk/js/test/kitchen.js");
    fs::copy(kitchen, folder.path().join("kitchen.js"))?;
    let main = "export * from \"./salutes.js\";\nexport * from \"./kitchen.js\";\n";
    fs::write(folder.path().join("all.js"), main)?;
    let manifest = folder.path().join("package.json");
    let text = fs::read_to_string(&manifest)?;
    let engine = "\"main\": \"all.js\",\n  \"anabranch\": { \"engine\": \"starlingmonkey\" }";
    fs::write(manifest, text.replace("\"main\": \"salutes.js\"", engine))?;
    let package = load(folder.path())?;
    check_greetings(&package)?;
    check_identities(&package)?;
    check_errors(&package, "RangeError: BigInt division by zero")?;
    assert_eq!(package.functions().iter().filter(|function| function.name == "add").count(), 2);
    // It collects its garbage at some 90 MB.
    let most = memory_of_calls(&package, 600, &Limits::default())?;
    ensure!(most < 120 << 20, "{most} bytes");
    Ok(())
}

/// Calls `f`, a function of a text, in a package that has a dependency.
fn call_with_dependency(language: Language, manifest: (&str, &str), module: &str, source: &str) -> Result<ArrayRef> {
    let folder = tempfile::tempdir()?;
    create(language, "salutes", folder.path())?;
    let path = folder.path().join(language.manifest());
    let text = fs::read_to_string(&path)?;
    ensure!(text.contains(manifest.0), "{text}");
    fs::write(path, text.replace(manifest.0, manifest.1))?;
    fs::write(folder.path().join(module), source)?;
    let package = load(folder.path())?;
    Ok(bind(&package, "f")?.scalar()?.call(&[strings([Some("2 days"), None])], 2)?.array)
}

#[test]
fn dependencies_become_part_of_the_component() -> Result<()> {
    let source = "from anabranch_udf import scalar\nfrom iniconfig import IniConfig\n\n\n@scalar\ndef f(x: str) -> str:\n    \
                  return IniConfig('x', f'[s]\\nx = {x}')['s']['x']\n";
    let manifest = ("dependencies = []", "dependencies = [\"iniconfig==2.1.0\"]");
    let given = call_with_dependency(Language::Python, manifest, "salutes.py", source)?;
    assert_eq!(&given, &strings([Some("2 days"), None]));

    let source = "import ms from \"ms\";\nimport { scalar, STRING } from \"anabranch-udf\";\n\n\
                  export const f = scalar({ args: { x: STRING }, returns: STRING }, (x: string) => `${ms(x)}`);\n";
    let manifest = ("\"anabranch-udf\":", "\"ms\": \"2.1.3\",\n    \"anabranch-udf\":");
    let given = call_with_dependency(Language::TypeScript, manifest, "salutes.ts", source)?;
    assert_eq!(&given, &strings([Some("172800000"), None]));
    Ok(())
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

    let manifest = folder.path().join("package.json");
    for (options, reason) in [
        ("{ \"engine\": \"v8\" }", "package.json: there is no engine 'v8'; there are quickjs and starlingmonkey"),
        ("{ \"engin\": \"quickjs\" }", "\"anabranch\" in package.json has no option \"engin\", only \"engine\""),
        ("\"quickjs\"", "\"anabranch\" in package.json is an object"),
    ] {
        fs::write(&manifest, format!("{{ \"name\": \"salutes\", \"anabranch\": {options} }}"))?;
        let said = failed(folder.path())?;
        ensure!(said.contains(reason), "{said}");
    }
    Ok(())
}
