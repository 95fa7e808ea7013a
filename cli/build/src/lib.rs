//! Makes function packages: new ones from templates, components from their sources.
//!
//! The SDKs of all languages and the example packages, which are the templates, travel inside the binary
//! ([`embedded`]), so that all of this works where there is no checkout of the project. A package is a folder
//! ([`PackageDir`]); the SDK of its language is unpacked into its `.anabranch` ([`sdk`]), so that editors and the
//! language's own tools see it, and nothing in the package names a place on this machine.
//!
//! A language is added with a variant of [`Language`], a file here that builds its packages, a folder in `udf-sdk` and
//! one in `examples/functions`.

mod c;
mod component;
mod embedded;
pub mod go;
mod js;
mod language;
mod log;
mod package;
mod preview1;
mod pypi;
mod python;
pub mod rust;
mod sdk;
mod template;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub use language::Language;
pub use log::Log;
pub use package::PackageDir;
pub use sdk::sdk_digest;
pub use template::create;

/// Builds the package in `folder`; gives the component's path, `NAME.wasm` in the package's folder.
///
/// Toolchains that have to be installed go into folders of their own in `toolchains`. What is done is said in `log`.
pub fn build(folder: &Path, toolchains: &Path, log: &mut Log) -> Result<PathBuf> {
    let package = PackageDir::open(folder)?;
    log.say(&format!("building {}, a package in {}", package.name, package.language));
    sdk::unpack(package.language, &package.work())?;
    let component = match package.language {
        Language::Rust => rust::build(&package, toolchains, log),
        Language::Python => python::build(&package, toolchains, log),
        Language::TypeScript | Language::JavaScript => js::build(&package, toolchains, log),
        Language::Go => go::build(&package, toolchains, log),
        Language::C | Language::Cpp => c::build(&package, toolchains, log),
    }
    .with_context(|| format!("cannot build '{}'", package.name))?;
    let path = package.component();
    put(&component, &path)?;
    Ok(path)
}

/// Builds the interpreter for inline functions in a language, Python or JavaScript, from its SDK; puts the component into
/// `folder`, and gives its path, which has the version of the contract in it. What is made on the way lies in `work`.
pub fn build_interpreter(
    language: Language,
    folder: &Path,
    work: &Path,
    toolchains: &Path,
    log: &mut Log,
) -> Result<PathBuf> {
    log.say(&format!("building the interpreter for inline functions in {language}"));
    let mut build = || {
        let sdk = sdk::unpack(language, work)?;
        match language {
            Language::Python => python::build_interpreter(&sdk, work, toolchains, log),
            Language::JavaScript => js::build_interpreter(&sdk, work, toolchains, log),
            other => bail!("there is no interpreter for {other}"),
        }
    };
    let path = interpreter_path(language, folder);
    put(&build().context("cannot build the interpreter")?, &path)?;
    Ok(path)
}

/// Where [`build_interpreter`] puts the component.
pub fn interpreter_path(language: Language, folder: &Path) -> PathBuf {
    folder.join(format!("{}-{}.wasm", language.name(), component::contract_version()))
}

/// Writes a component: renamed when whole, so that a job never loads half of one.
fn put(component: &[u8], path: &Path) -> Result<()> {
    let partial = path.with_extension("wasm.part");
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&partial, component)?;
        fs::rename(&partial, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
