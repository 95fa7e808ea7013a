//! Toolchains that are installed by a language's own means, once, for all packages.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};

use crate::Log;

/// Sees to it that a toolchain lies in `folder`, which `install` fills. Builds that want it at the same time wait for
/// one another, and one that was left half way is made anew. The folder's name says the version, so that another one is
/// another folder.
pub(crate) fn ensure(
    folder: &Path,
    what: &str,
    log: &mut Log,
    install: impl FnOnce(&mut Log) -> Result<()>,
) -> Result<()> {
    // Written last.
    let stamp = folder.join("installed");
    if stamp.exists() {
        return Ok(());
    }
    let install_here = || {
        fs::create_dir_all(folder)?;
        let lock = File::create(folder.with_extension("lock"))?;
        lock.lock()?;
        if stamp.exists() {
            return Ok(());
        }
        fs::remove_dir_all(folder)?;
        fs::create_dir_all(folder)?;
        log.say(&format!("installing {what} into {}", folder.display()));
        install(log)?;
        Ok(fs::write(&stamp, what)?)
    };
    let installed: Result<()> = install_here();
    installed.with_context(|| format!("cannot install {what} into '{}'", folder.display()))
}
