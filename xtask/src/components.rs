//! The function packages: built from source, and compared with those that lie prebuilt in the repository.

use std::fs;
use std::path::{Path, PathBuf};

use anabranch_build::rust::{TARGET, WASI_TARGET};
use anabranch_build::{Language, Log, build_interpreter, interpreter_path, sdk_digest};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::shell;
use crate::tools;

/// A function package of this repository.
struct Package {
    /// Its crate.
    name: &'static str,
    target: &'static str,
    place: Place,
    /// Calls whose results tell whether two builds compute the same: function and arguments.
    samples: &'static [&'static [&'static str]],
}

/// Where a package's source and its component lie, from the root.
enum Place {
    /// In the workspace; the component stays in the target folder.
    Workspace,
    /// In the workspace; the component is kept in the repository, for the README's commands.
    Prebuilt(&'static str),
    /// In a folder of its own, into which the component goes for the tests.
    Folder(&'static str),
}

impl Package {
    const fn new(name: &'static str, place: Place) -> Self {
        Package { name, target: TARGET, place, samples: &[] }
    }
}

const PACKAGES: &[Package] = &[
    Package {
        samples: &[&["len", "Grüße"], &["split", "To be, or not to be"]],
        ..Package::new("words", Place::Prebuilt("examples/word_count/words.wasm"))
    },
    Package {
        samples: &[&["classify", "pv"], &["classify", "buy"], &["classify", "?"], &["approx_uv", "u1"]],
        ..Package::new("behaviour", Place::Prebuilt("examples/pv_uv/behaviour.wasm"))
    },
    Package::new("greetings", Place::Workspace),
    Package::new("kitchen_sink", Place::Folder("tests/functions/kitchen_sink")),
    Package::new("trial", Place::Folder("tests/functions/trial")),
    Package::new("hostile", Place::Folder("tests/functions/hostile")),
    Package { target: WASI_TARGET, ..Package::new("wasi", Place::Folder("tests/functions/wasi")) },
    Package { target: WASI_TARGET, ..Package::new("escapes", Place::Folder("tests/functions/escapes")) },
    Package { target: WASI_TARGET, ..Package::new("fetch", Place::Folder("tests/functions/fetch")) },
];

/// Builds all packages and replaces the prebuilt ones.
pub fn replace() -> Result<()> {
    interpreters()?;
    same()?;
    for (package, built) in build(PACKAGES)? {
        if let Place::Prebuilt(prebuilt) = package.place {
            copy(&built, &shell::root().join(prebuilt))?;
            println!("{prebuilt} ({} bytes)", fs::metadata(&built)?.len());
        }
    }
    Ok(())
}

/// Builds all packages and compares what they describe and compute with the prebuilt ones.
pub fn check() -> Result<()> {
    interpreters()?;
    same()?;
    let built = build(PACKAGES)?;
    shell::run("cargo", &["build", "--release", "--quiet", "--package", "anabranch-cli"])?;
    for (package, built) in built {
        let Place::Prebuilt(prebuilt) = package.place else { continue };
        let mut calls = vec![vec!["inspect"]];
        calls.extend(package.samples.iter().map(|sample| [&["call"], *sample].concat()));
        for call in calls {
            let (ours, theirs) = (function(&built, &call)?, function(&shell::root().join(prebuilt), &call)?);
            if ours != theirs {
                bail!(
                    "{prebuilt} is not what its source makes: `function {}` gives\n{ours}\nfrom source, and\n{theirs}\nprebuilt. \
                     Run `cargo xtask components` and commit the result.",
                    call.join(" ")
                );
            }
        }
        println!("{prebuilt} is what its source makes");
    }
    Ok(())
}

/// Builds the interpreters of inline functions into `interpreters` of the target folder, beside which programs and tests
/// look for them; those that were built from this SDK stay.
pub fn interpreters() -> Result<()> {
    let folder = shell::target().join("interpreters");
    for language in [Language::Python, Language::JavaScript] {
        let name = language.name();
        let path = interpreter_path(language, &folder);
        let (digest, stamp) = (sdk_digest(language), folder.join(format!("{name}.digest")));
        if path.exists() && fs::read_to_string(&stamp).is_ok_and(|known| known == digest) {
            continue;
        }
        let (work, toolchains) = (folder.join(name), shell::target().join("toolchains"));
        build_interpreter(language, &folder, &work, &toolchains, &mut Log::default())?;
        fs::write(stamp, digest)?;
    }
    Ok(())
}

/// Builds the packages of `tests/functions/same`, one in each language, as `anabranch function build` does, into their
/// folders. What was built is kept in the target folder, by a digest of all that it was built from.
pub fn same() -> Result<()> {
    let kept = shell::target().join("same");
    fs::create_dir_all(&kept)?;
    for language in Language::ALL {
        let folder = shell::root().join("tests/functions/same").join(language.name());
        let mut digest = Sha256::new_with_prefix(sdk_digest(language));
        for sources in [&folder, &shell::root().join("cli/build/src")] {
            add_sources(&mut digest, sources)?;
        }
        let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let (component, stamp) = (kept.join(language.name()).with_extension("wasm"), kept.join(language.name()));
        let stamp = stamp.with_extension("digest");
        if !component.exists() || !fs::read_to_string(&stamp).is_ok_and(|known| known == digest) {
            println!("tests/functions/same: building the package in {language}");
            let built = anabranch_build::build(&folder, &shell::target().join("toolchains"), &mut Log::default())?;
            copy(&built, &component)?;
            fs::write(stamp, digest)?;
        }
        copy(&component, &folder.join("same.wasm"))?;
    }
    Ok(())
}

/// Adds the files that a package is built from: what is neither hidden nor made by a build.
fn add_sources(digest: &mut Sha256, folder: &Path) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let made = name.starts_with('.') || name == "node_modules" || name == "__pycache__" || name == "target";
        if made || name.contains(".wasm") {
            continue;
        }
        digest.update(name.as_bytes());
        if path.is_dir() {
            add_sources(digest, &path)?;
        } else {
            let text = fs::read(&path)?;
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
    }
    Ok(())
}

/// Builds those packages that measurements call.
pub fn build_for_bench() -> Result<()> {
    build(PACKAGES.iter().filter(|package| ["greetings", "kitchen_sink"].contains(&package.name))).map(drop)
}

/// Builds packages: those of the workspace together, the others one by one.
fn build(packages: impl IntoIterator<Item = &'static Package>) -> Result<Vec<(&'static Package, PathBuf)>> {
    let toolchain = tools::wasm_toolchain(TARGET)?;
    let mut of_workspace = toolchain.cargo_build(TARGET, &shell::root());
    let mut built = Vec::new();
    for package in packages {
        let module = shell::target().join(format!("{}/wasm/{}.wasm", package.target, package.name));
        match package.place {
            Place::Workspace | Place::Prebuilt(_) => drop(of_workspace.args(["--package", package.name])),
            Place::Folder(folder) => {
                let folder = shell::root().join(folder);
                let mut build = match package.target {
                    TARGET => toolchain.cargo_build(TARGET, &folder),
                    other => tools::wasm_toolchain(other)?.cargo_build(other, &folder),
                };
                build.arg("--target-dir").arg(shell::target());
                shell::run_command(build)?;
                copy(&module, &folder.join(package.name).with_extension("wasm"))?;
            }
        }
        built.push((package, module));
    }
    shell::run_command(of_workspace)?;
    Ok(built)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display())).map(drop)
}

/// `anabranch function COMMAND FILE ARGS…`, what it prints without the file's own path.
fn function(file: &Path, call: &[&str]) -> Result<String> {
    let binary = shell::target().join("release/anabranch");
    let mut command = shell::command(&binary.display().to_string(), &["function", call[0]]);
    command.arg(file).args(&call[1..]);
    Ok(shell::output(command)?.replace(&file.display().to_string(), "FILE"))
}
