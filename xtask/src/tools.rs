//! What the tests need beyond cargo: found, or installed, or named.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

/// What packages are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// What packages are compiled for that use WASI through the standard library.
pub const WASI_TARGET: &str = "wasm32-wasip2";

/// How packages are compiled to WebAssembly here.
pub enum WasmToolchain {
    /// The Rust toolchain in use has the target.
    Rustup,
    /// Debian's compiler with its library sources, and the linker of the toolchain in use.
    Debian { linker: PathBuf },
}

impl WasmToolchain {
    /// Finds a way to compile to WebAssembly, installing what is missing.
    pub fn find() -> Result<Self> {
        if add_target(TARGET)? {
            return Ok(WasmToolchain::Rustup);
        }
        println!("rustup cannot install {TARGET}; trying Debian's rustc-web and rust-web-src");
        if !Path::new("/usr/bin/rustc").exists() {
            install(&["rustc-web", "rust-web-src"]);
        }
        let sysroot = shell::output(shell::command("rustc", &["--print", "sysroot"]))?;
        let linker = Path::new(sysroot.trim()).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld");
        if Path::new("/usr/bin/rustc").exists() && linker.exists() {
            return Ok(WasmToolchain::Debian { linker });
        }
        bail!(
            "no way to compile to WebAssembly: `rustup target add {TARGET}` failed, and Debian's packages rustc-web and \
             rust-web-src are not there. Install one of the two."
        )
    }

    /// `cargo build` for a WebAssembly target with the profile of packages.
    pub fn cargo_build(&self, target: &str) -> Command {
        let mut command = shell::command("cargo", &["build", "--quiet", "--target", target, "--profile", "wasm"]);
        // SIMD is worth 15 to 20 % on arithmetic. Two vectors a round are worth 10 % more, since the host can interrupt at
        // each; LLVM would do one. The remapped paths keep a build independent of where it runs.
        let root = shell::root();
        let home = std::env::var("CARGO_HOME")
            .unwrap_or_else(|_| format!("{}/.cargo", std::env::var("HOME").unwrap_or_default()));
        let flags = format!(
            "-Ctarget-feature=+simd128 -Cllvm-args=-force-vector-interleave=2 --remap-path-prefix={}=. --remap-path-prefix={home}=cargo",
            root.display()
        );
        command.env("RUSTFLAGS", flags);
        if let WasmToolchain::Debian { linker } = self {
            command
                .args(["-Zbuild-std=std,panic_abort"])
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        command
    }
}

/// Whether the Rust toolchain in use has a target, after asking rustup for it where it has not.
pub fn add_target(target: &str) -> Result<bool> {
    if has_target(target)? {
        return Ok(true);
    }
    println!("installing the target {target} with rustup");
    Ok(shell::succeeds("rustup", &["target", "add", target]) && has_target(target)?)
}

fn has_target(target: &str) -> Result<bool> {
    let folder = shell::output(shell::command("rustc", &["--print", "target-libdir", "--target", target]))?;
    let Ok(entries) = std::fs::read_dir(folder.trim()) else { return Ok(false) };
    Ok(entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-")))
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
