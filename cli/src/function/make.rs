//! `anabranch function new` and `build`: the folder of a package, and the component that it makes.

use std::path::{Path, PathBuf};

use anabranch::{Error, Result};
use anabranch_build::{Language, Log};
use anabranch_host::HostConfig;

use super::made;

#[derive(clap::Args)]
pub struct New {
    /// What the functions are written in: rust, python, typescript, javascript, go, c or cpp.
    #[arg(long, value_name = "LANGUAGE")]
    lang: Language,
    /// The package's name, and the folder that is made for it.
    name: String,
}

#[derive(clap::Args)]
pub struct Build {
    /// The package's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

pub fn new(options: &New) -> Result<()> {
    let name = &options.name;
    let package = anabranch_build::create(options.lang, name, name.as_ref()).map_err(made)?;
    say!("made {name}, a package in {}; its README.md says how to go on, such as by", package.language);
    say!("  anabranch function build {name}");
    say!("  anabranch function call {name} greet Ada");
    say!("  anabranch function test {name}");
    Ok(())
}

pub fn build(options: &Build) -> Result<()> {
    let component = build_package(&options.folder)?;
    say!("{}", component.display());
    Ok(())
}

/// Builds a package; gives the component's path.
pub fn build_package(folder: &Path) -> Result<PathBuf> {
    let cache = HostConfig::default().cache.ok_or_else(|| {
        Error::user("there is no folder for toolchains").hint("set HOME, XDG_CACHE_HOME or ANABRANCH_CACHE_DIR")
    })?;
    anabranch_build::build(folder, &cache.join("toolchains"), &mut Log::default()).map_err(made)
}
