//! Packages in C and C++: built by Zig's compiler, which brings the C and C++ libraries for WebAssembly with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::component::{Preview1, componentize_plain};
use crate::{Log, PackageDir, pypi};

/// The version of the package `ziglang` that is installed; its compiler is Clang 21.
const ZIG: &str = "0.17.1";

/// What every file is compiled with. Arithmetic on signed numbers wraps around, as it does in SQL.
const FLAGS: [&str; 6] =
    ["--target=wasm32-wasi", "-O3", "-msimd128", "-fwrapv", "-mexec-model=reactor", "-ffunction-sections"];

/// What C++ is compiled with beside it: an exception would end the call anyway.
const CPP_FLAGS: [&str; 3] = ["-std=c++23", "-fno-exceptions", "-fno-rtti"];

/// The stack is far smaller than Zig's 16 MiB, as each instance of a function has one.
const LINK_FLAGS: [&str; 2] = ["-Wl,--strip-all", "-Wl,-z,stack-size=262144"];

pub(crate) fn build(package: &PackageDir, toolchains: &Path, log: &mut Log) -> Result<Vec<u8>> {
    let zig = Zig::find(toolchains, package, log)?;
    let objects = package.work().join("objects");
    if objects.exists() {
        fs::remove_dir_all(&objects)?;
    }
    fs::create_dir_all(&objects)?;
    // Paths are relative to the package, so that what is built is the same wherever that lies.
    let own = sources(&package.folder, Path::new("src"))?;
    if own.is_empty() {
        bail!("there is no C or C++ file in '{}'", package.folder.join("src").display());
    }
    let sdk = Path::new(".anabranch/c/anabranch.c").to_owned();
    let mut link = zig.command(if own.iter().any(|source| is_cpp(source)) { "c++" } else { "cc" });
    for (number, source) in own.iter().chain([&sdk]).enumerate() {
        let object = Path::new(".anabranch/objects").join(format!("{number}.o"));
        let mut compile = zig.command(if is_cpp(source) { "c++" } else { "cc" });
        match is_cpp(source) {
            true => compile.args(CPP_FLAGS),
            false => compile.arg("-std=c11"),
        };
        compile
            .args(["-Wall", "-Wextra", "-I.anabranch/c/include"])
            .arg(format!("-DAB_PACKAGE_NAME=\"{}\"", package.name))
            .arg(format!("-DAB_PACKAGE_VERSION=\"{}\"", package.version))
            .arg("-c")
            .arg(source)
            .arg("-o")
            .arg(&object);
        log.run(&mut compile)?;
        link.arg(object);
    }
    let module = Path::new(".anabranch").join(&package.name).with_extension("core.wasm");
    log.run(link.args(LINK_FLAGS).arg("-o").arg(&module))?;
    let module = package.folder.join(module);
    let module = fs::read(&module).with_context(|| format!("cannot read '{}'", module.display()))?;
    componentize_plain(module, if package.wasi { Preview1::Wasi } else { Preview1::Inert })
}

/// Zig's compiler for C and C++.
struct Zig {
    program: PathBuf,
    /// Where it keeps the libraries that it has built.
    cache: PathBuf,
    package: PackageDir,
}

impl Zig {
    fn find(toolchains: &Path, package: &PackageDir, log: &mut Log) -> Result<Self> {
        let folder = pypi::install("ziglang", ZIG, toolchains, log)?;
        Ok(Zig {
            program: folder.join("ziglang").join(if cfg!(windows) { "zig.exe" } else { "zig" }),
            cache: toolchains.join(format!("ziglang-{ZIG}-cache")),
            package: package.clone(),
        })
    }

    fn command(&self, compiler: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(&self.package.folder)
            .env("ZIG_GLOBAL_CACHE_DIR", &self.cache)
            .env("ZIG_LOCAL_CACHE_DIR", self.package.work().join("zig-cache"))
            .arg(compiler)
            .args(FLAGS);
        command
    }
}

/// The source files in a folder and those below it, in a fixed order; paths from `base`.
fn sources(base: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let path = base.join(folder);
    let entries = fs::read_dir(&path).with_context(|| format!("cannot open '{}'", path.display()))?;
    let mut names = entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<Vec<_>, _>>()?;
    names.sort();
    let mut found = Vec::new();
    for name in names {
        let source = folder.join(name);
        if base.join(&source).is_dir() {
            found.extend(sources(base, &source)?);
        } else if is_cpp(&source) || source.extension().is_some_and(|extension| extension == "c") {
            found.push(source);
        }
    }
    Ok(found)
}

fn is_cpp(source: &Path) -> bool {
    source.extension().is_some_and(|extension| ["cc", "cpp", "cxx"].iter().any(|known| extension == *known))
}
