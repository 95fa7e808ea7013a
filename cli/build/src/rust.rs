//! Packages in Rust: built by cargo, for a target on which the standard library asks for nothing, or for WASI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::component::componentize;
use crate::{Log, PackageDir};

/// What packages are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// What packages are compiled for that use WASI through the standard library.
pub const WASI_TARGET: &str = "wasm32-wasip2";

/// Makes a new package a workspace of its own: it may lie within the folder of another, which cargo would take it for a
/// part of. The example itself is a member of this project's workspace.
pub(crate) fn detach(folder: &Path) -> Result<()> {
    let manifest = folder.join("Cargo.toml");
    let write = || {
        let text = fs::read_to_string(&manifest)?;
        fs::write(
            &manifest,
            format!("{text}\n# Not a part of the workspace whose folder it may lie in.\n[workspace]\n"),
        )
    };
    write().with_context(|| format!("cannot write '{}'", manifest.display()))
}

pub(crate) fn build(package: &PackageDir, toolchains: &Path, log: &mut Log) -> Result<Vec<u8>> {
    let triple = if package.wasi { WASI_TARGET } else { TARGET };
    let toolchain = WasmToolchain::find(triple, toolchains, log)?;
    let target = package.work().join("target");
    let mut cargo = toolchain.cargo_build(triple, &package.folder);
    cargo.arg("--target-dir").arg(&target);
    log.run(&mut cargo)?;
    let built = target.join(triple).join("wasm").join(&package.name).with_extension("wasm");
    let built = fs::read(&built).with_context(|| {
        format!(
            "cargo made no '{}': has Cargo.toml the lines `[lib]` and `crate-type = [\"cdylib\"]`?",
            built.display()
        )
    })?;
    // For WASI, the linker has made a component of it.
    if package.wasi { Ok(built) } else { componentize(&built) }
}

/// A way to compile Rust to WebAssembly on this machine.
#[derive(Debug)]
pub struct WasmToolchain(Kind);

#[derive(Debug)]
enum Kind {
    /// The Rust toolchain in use has the target.
    InUse,
    /// A rustup of our own: its folder.
    Own(PathBuf),
    /// Debian's compiler with its library sources, and the linker of the toolchain in use.
    Debian { linker: PathBuf },
}

/// Debian's compiler, of its package rustc-web.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

impl WasmToolchain {
    /// Finds a way to compile for a target: the Rust toolchain in use, to which rustup adds the target where it is
    /// missing; Debian's compiler with the sources of its library; a rustup of our own within `toolchains`, which is
    /// installed there.
    pub fn find(target: &str, toolchains: &Path, log: &mut Log) -> Result<Self> {
        let in_use = WasmToolchain(Kind::InUse);
        if in_use.has(target, log) {
            return Ok(in_use);
        }
        if log.succeeds(Command::new("rustup").arg("--version")) {
            let added = log.run(Command::new("rustup").args(["target", "add", target]));
            if added.is_ok() && in_use.has(target, log) {
                return Ok(in_use);
            }
        }
        if target == TARGET
            && let Some(debian) = Self::debian(log)
        {
            return Ok(debian);
        }
        let own = WasmToolchain(Kind::Own(toolchains.join("rust")));
        if !own.has(target, log) {
            own.install(target, log).with_context(|| {
                format!(
                    "no Rust toolchain with the target {target} is there, and none could be installed. \
                     Install rustup (https://rustup.rs), then run `rustup target add {target}`"
                )
            })?;
        }
        Ok(own)
    }

    fn debian(log: &mut Log) -> Option<Self> {
        let sources = "lib/rustlib/src/rust/library/std/Cargo.toml";
        let sysroot = log.output(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"])).ok()?;
        if !Path::new(sysroot.trim()).join(sources).exists() {
            return None;
        }
        let sysroot = log.output(Command::new("rustc").args(["--print", "sysroot"])).ok()?;
        let host = log.output(Command::new("rustc").args(["--print", "host-tuple"])).ok()?;
        let linker = Path::new(sysroot.trim()).join("lib/rustlib").join(host.trim()).join("bin/rust-lld");
        linker.exists().then_some(WasmToolchain(Kind::Debian { linker }))
    }

    /// Installs rustup into its folder, by its own script.
    fn install(&self, target: &str, log: &mut Log) -> Result<()> {
        let Kind::Own(folder) = &self.0 else { bail!("only a rustup of our own is installed") };
        log.say(&format!("installing Rust with rustup into {}", folder.display()));
        fs::create_dir_all(folder)?;
        let script = folder.join("rustup.sh");
        log.run(
            Command::new("curl")
                .args(["--proto", "=https", "--tlsv1.2", "--silent", "--show-error", "--fail", "--output"])
                .arg(&script)
                .arg("https://static.rust-lang.org/rustup/rustup-init.sh"),
        )?;
        let mut install = Command::new("sh");
        install.arg(&script).args(["-y", "--no-modify-path", "--profile", "minimal", "--target", target]);
        log.run(self.set(&mut install))
    }

    /// Whether the compiler has a target's library.
    fn has(&self, target: &str, log: &mut Log) -> bool {
        let mut rustc = self.command("rustc");
        let Ok(folder) = log.output(rustc.args(["--print", "target-libdir", "--target", target])) else { return false };
        let Ok(entries) = fs::read_dir(folder.trim()) else { return false };
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
    }

    /// `cargo build` in the package's folder, with the profile of packages.
    ///
    /// The module is the same wherever the folder lies: the paths in it are relative to `folder`.
    pub fn cargo_build(&self, target: &str, folder: &Path) -> Command {
        let mut command = self.command("cargo");
        // SIMD is worth 15 to 20 % on arithmetic. Two vectors a round are worth 10 % more, since the host can interrupt at
        // the end of each; LLVM would do one. Its reduction of strength makes an address of its own for each access, where
        // WebAssembly has offsets that cost nothing: without it, loops take 5 % less and packages are smaller.
        let flags = [
            "-Ctarget-feature=+simd128".to_owned(),
            "-Cllvm-args=-force-vector-interleave=2".to_owned(),
            "-Cllvm-args=-disable-lsr".to_owned(),
            format!("--remap-path-prefix={}=.", folder.display()),
            format!("--remap-path-prefix={}=cargo", self.cargo_home().display()),
        ];
        // These join the flags that the package's own configuration has; those of RUSTFLAGS would replace them.
        let flags = toml::Value::from(flags.to_vec());
        command
            .current_dir(folder)
            .args(["build", "--quiet", "--target", target, "--profile", "wasm"])
            .arg("--config")
            .arg(format!("target.{target}.rustflags={flags}"))
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let Kind::Debian { linker } = &self.0 {
            command
                .arg("-Zbuild-std=std,panic_abort")
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        command
    }

    /// A program of the toolchain.
    fn command(&self, program: &str) -> Command {
        let mut command = match &self.0 {
            Kind::Own(_) => Command::new(self.cargo_home().join("bin").join(program)),
            Kind::InUse | Kind::Debian { .. } => Command::new(program),
        };
        self.set(&mut command);
        command
    }

    /// Tells a command where a rustup of our own lies.
    fn set<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match &self.0 {
            Kind::Own(folder) => command
                .env("RUSTUP_HOME", folder.join("rustup"))
                .env("CARGO_HOME", folder.join("cargo"))
                .env_remove("RUSTUP_TOOLCHAIN"),
            Kind::InUse | Kind::Debian { .. } => command,
        }
    }

    /// Where cargo keeps the sources of crates.
    fn cargo_home(&self) -> PathBuf {
        match &self.0 {
            Kind::Own(folder) => folder.join("cargo"),
            Kind::InUse | Kind::Debian { .. } => std::env::var_os("CARGO_HOME").map_or_else(
                || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"),
                PathBuf::from,
            ),
        }
    }
}
