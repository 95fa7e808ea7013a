//! What the tests need beyond cargo: found, or installed, or named.

use std::path::PathBuf;

use anabranch_build::Log;
use anabranch_build::rust::WasmToolchain;
use anyhow::{Context, Result};

use crate::shell;

/// A way to compile function packages to WebAssembly; where there is none, Debian's compiler is installed.
pub fn wasm_toolchain(target: &str) -> Result<WasmToolchain> {
    let find = || WasmToolchain::find(target, &shell::target().join("toolchains"), &mut Log::default());
    find().or_else(|error| {
        println!("{error:#}\ntrying Debian's rustc-web and rust-web-src");
        install(&["rustc-web", "rust-web-src"]);
        find()
    })
}

/// PostgreSQL's programs, which the JDBC tests start for themselves.
pub fn postgres() -> Result<PathBuf> {
    find_postgres().or_else(|| {
        println!("installing PostgreSQL with apt-get");
        install(&["postgresql"]);
        find_postgres()
    })
    .context("PostgreSQL's initdb was not found and could not be installed: install Debian's package `postgresql`, or set PG_BIN to the folder of initdb and pg_ctl")
}

fn find_postgres() -> Option<PathBuf> {
    let named = std::env::var_os("PG_BIN").map(PathBuf::from);
    let packaged = std::fs::read_dir("/usr/lib/postgresql")
        .ok()
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"));
    let on_path =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    named.into_iter().chain(packaged).chain(on_path).find(|folder| folder.join("initdb").exists())
}

/// Installs Debian packages where that is possible; whether it worked, the caller sees.
fn install(packages: &[&str]) {
    let sudo = !shell::succeeds("sh", &["-c", "test $(id -u) = 0"]);
    let apt = |arguments: &[&str]| {
        let mut words = if sudo { vec!["sudo", "-n"] } else { vec![] };
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"]);
        words.extend(arguments);
        shell::succeeds(words[0], &words[1..])
    };
    let mut install = vec!["install", "--no-install-recommends"];
    install.extend(packages);
    if !apt(&install) && apt(&["update"]) {
        apt(&install);
    }
}
