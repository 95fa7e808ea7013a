//! The tests of the SDKs that are not in Rust, and of the example packages as their READMEs say: without WebAssembly.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anabranch_build::{Language, Log, create};
use anyhow::{Context, Result};

use crate::shell;

const PYTEST: &str = "pytest==9.2.0";
const TYPESCRIPT: &str = "typescript@5.9.3";

pub fn test() -> Result<()> {
    let tools = shell::target().join("sdk-tests");
    fs::create_dir_all(&tools)?;
    c_and_cpp(&tools)?;
    go(&tools)?;
    python(&tools)?;
    javascript(&tools)
}

/// With the machine's own compilers and their sanitizers.
fn c_and_cpp(tools: &Path) -> Result<()> {
    let mut make = Command::new("make");
    make.args(["--silent", "test"]).arg(format!("BUILD={}", tools.join("c").display()));
    run(&mut make, &shell::root().join("udf-sdk/c"))?;
    for (language, compiler, standard, source) in
        [(Language::C, "cc", "-std=c11", "salutes_test.c"), (Language::Cpp, "c++", "-std=c++23", "salutes_test.cpp")]
    {
        let folder = example(language, tools)?;
        let include = "-I.anabranch/c/include";
        run(Command::new("cc").args(["-c", include, ".anabranch/c/anabranch.c", "-o", ".anabranch/sdk.o"]), &folder)?;
        let mut compile = Command::new(compiler);
        compile.args([standard, include]).arg(format!("tests/{source}"));
        run(compile.args([".anabranch/sdk.o", "-o", ".anabranch/test"]), &folder)?;
        run(&mut Command::new(folder.join(".anabranch/test")), &folder)?;
    }
    Ok(())
}

fn go(tools: &Path) -> Result<()> {
    let sdk = shell::root().join("udf-sdk/go");
    let go = anabranch_build::go::find(&sdk, &shell::target().join("toolchains"), &mut Log::default())?;
    for folder in [sdk, example(Language::Go, tools)?] {
        run(Command::new(&go).args(["vet", "./..."]), &folder)?;
        run(Command::new(&go).args(["test", "./..."]), &folder)?;
    }
    Ok(())
}

fn python(tools: &Path) -> Result<()> {
    let environment = tools.join("python");
    let interpreter = environment.join("bin/python");
    if !environment.join("bin/pytest").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment), tools)?;
        run(Command::new(&interpreter).args(["-m", "pip", "--quiet", "install", PYTEST]), tools)?;
    }
    // Nothing is written beside the sources, which travel in the command's binary.
    let pytest = || {
        let mut pytest = Command::new(&interpreter);
        pytest.env("PYTHONDONTWRITEBYTECODE", "1").args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"]);
        pytest
    };
    run(&mut pytest(), &shell::root().join("udf-sdk/python"))?;
    run(&mut pytest(), &example(Language::Python, tools)?)
}

fn javascript(tools: &Path) -> Result<()> {
    let sdk = shell::root().join("udf-sdk/js");
    run(npm().arg("test"), &sdk)?;
    if !tools.join("node_modules/typescript").exists() {
        fs::write(tools.join("package.json"), "{ \"private\": true }\n")?;
        run(npm().args(["install", TYPESCRIPT]), tools)?;
    }
    let mut check = Command::new("node");
    check.arg(tools.join("node_modules/typescript/bin/tsc"));
    check.args(["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "test/types.ts"]);
    run(&mut check, &sdk)?;
    let example_in_javascript = example(Language::JavaScript, tools)?;
    run(npm().arg("install"), &example_in_javascript)?;
    run(npm().arg("test"), &example_in_javascript)?;
    let example_in_typescript = example(Language::TypeScript, tools)?;
    run(npm().arg("install"), &example_in_typescript)?;
    run(npm().args(["run", "check"]), &example_in_typescript)?;
    run(npm().arg("test"), &example_in_typescript)
}

fn npm() -> Command {
    let mut npm = Command::new("npm");
    npm.args(["--no-audit", "--no-fund", "--loglevel=error", "--silent"]);
    npm
}

/// The example package under another name, as `anabranch function new` makes it.
fn example(language: Language, tools: &Path) -> Result<PathBuf> {
    let folder = tools.join(format!("salutes-{}", language.name()));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    create(language, "salutes", &folder)?;
    Ok(folder)
}

fn run(command: &mut Command, folder: &Path) -> Result<()> {
    let status = command.current_dir(folder).status();
    let status = status.with_context(|| format!("cannot start {command:?}: is it installed?"))?;
    anyhow::ensure!(status.success(), "{command:?} failed in {}: {status}", folder.display());
    Ok(())
}
