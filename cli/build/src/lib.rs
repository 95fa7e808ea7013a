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

use anyhow::{Context, Result};

pub use language::Language;
pub use log::Log;
pub use package::PackageDir;
pub use template::create;

/// Builds the package in `folder`; gives the component's path, `NAME.wasm` in the package's folder.
///
/// Toolchains that have to be installed go into folders of their own in `toolchains`. What is done is said in `log`.
pub fn build(folder: &Path, toolchains: &Path, log: &mut Log) -> Result<PathBuf> {
    let package = PackageDir::open(folder)?;
    log.say(&format!("building {}, a package in {}", package.name, package.language));
    sdk::unpack(&package)?;
    let component = match package.language {
        Language::Rust => rust::build(&package, toolchains, log),
        Language::Python => python::build(&package, toolchains, log),
        Language::TypeScript | Language::JavaScript => js::build(&package, toolchains, log),
        Language::Go => go::build(&package, toolchains, log),
        Language::C | Language::Cpp => c::build(&package, toolchains, log),
    }
    .with_context(|| format!("cannot build '{}'", package.name))?;
    let path = package.component();
    // Renamed when whole, so that a job never loads half of a component.
    let partial = path.with_extension("wasm.part");
    fs::write(&partial, component)
        .and_then(|()| fs::rename(&partial, &path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
