//! Packages in Python: componentize-py takes a snapshot of an interpreter that has imported them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::toolchain::ensure;
use crate::{Log, PackageDir};

const COMPONENTIZE: &str = "componentize-py==0.25.0";

/// The Python that componentize-py has, for which packages that a package depends on are chosen.
const PYTHON: &str = "3.14";

/// The module that componentize-py is given: it exports the package's own, and is found beside it.
const ENTRY: &str = "anabranch_package";

/// What componentize-py calls the contract's interfaces, whose own names would be too plain for modules among those of
/// the package.
const INTERFACES: [&str; 2] = [
    "anabranch:functions/functions@0.2.0=anabranch_component",
    "anabranch:functions/interpreter@0.2.0=anabranch_interpreter",
];

pub(crate) fn build(package: &PackageDir, toolchains: &Path, log: &mut Log) -> Result<Vec<u8>> {
    let environment = Environment::find(toolchains, log)?;
    let work = package.work().join("build");
    let sources = work.join("sources");
    copy_sources(package, &sources)?;
    let (name, version) = (literal(&package.name), literal(&package.version));
    let entry = format!(
        "from anabranch_component import AnabranchComponent, export\n\nexport({name}, {version}, module={name})\n"
    );
    fs::write(sources.join(ENTRY).with_extension("py"), entry)?;
    let sdk = package.sdk();
    let mut paths = vec![sources, sdk.join("component"), sdk.clone()];
    paths.extend(environment.install_dependencies(package, &work, log)?);
    environment.componentize("function-package", &INTERFACES[..1], &sdk, &work, &paths, log)
}

/// The interpreter of inline functions: the SDK itself, with what such functions may import.
pub(crate) fn build_interpreter(sdk: &Path, work: &Path, toolchains: &Path, log: &mut Log) -> Result<Vec<u8>> {
    let environment = Environment::find(toolchains, log)?;
    let sources = work.join("sources");
    fs::create_dir_all(&sources)?;
    let entry = "from anabranch_interpreter import AnabranchComponent, AnabranchInterpreter\n";
    fs::write(sources.join(ENTRY).with_extension("py"), entry)?;
    let paths = [sources, sdk.join("component"), sdk.to_owned()];
    environment.componentize("function-interpreter", &INTERFACES, sdk, work, &paths, log)
}

/// A virtual environment with componentize-py in it.
struct Environment(PathBuf);

impl Environment {
    fn find(toolchains: &Path, log: &mut Log) -> Result<Self> {
        let folder = toolchains.join("python").join(COMPONENTIZE.replace("==", "-"));
        let environment = Environment(folder.join("venv"));
        ensure(&folder, COMPONENTIZE, log, |log| {
            let python = interpreter(log)?;
            log.run(Command::new(python).args(["-m", "venv"]).arg(&environment.0))?;
            log.run(&mut environment.pip(&["install", COMPONENTIZE]))
        })?;
        Ok(environment)
    }

    /// A program of the environment, which sees nothing of another that may be active.
    fn command(&self, program: &str) -> Command {
        let programs = if cfg!(windows) { "Scripts" } else { "bin" };
        let mut command = Command::new(self.0.join(programs).join(program));
        for variable in ["PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"] {
            command.env_remove(variable);
        }
        // The traceback that counts is Python's, not that of componentize-py itself.
        command.env("RUST_BACKTRACE", "0").env("RUST_LIB_BACKTRACE", "0");
        command
    }

    /// Takes a snapshot of an interpreter that has imported [`ENTRY`].
    fn componentize(
        &self,
        world: &str,
        interfaces: &[&str],
        sdk: &Path,
        work: &Path,
        paths: &[PathBuf],
        log: &mut Log,
    ) -> Result<Vec<u8>> {
        let component = work.join("component.wasm");
        let mut componentize = self.command("componentize-py");
        componentize.current_dir(work).args(["--quiet", "--wit-path"]).arg(sdk.join("wit")).args(["--world", world]);
        for interface in interfaces {
            componentize.args(["--export-interface-name", interface]);
        }
        componentize.args(["componentize", ENTRY, "--output"]).arg(&component);
        for path in paths {
            componentize.arg("--python-path").arg(path);
        }
        log.output(&mut componentize)?;
        fs::read(&component).with_context(|| format!("componentize-py made no '{}'", component.display()))
    }

    fn pip(&self, arguments: &[&str]) -> Command {
        let mut pip = self.command("python");
        pip.args(["-m", "pip", "--disable-pip-version-check", "--quiet"]).args(arguments);
        pip
    }

    /// Installs what the package depends on, unless it lies there already; gives the folder.
    fn install_dependencies(&self, package: &PackageDir, work: &Path, log: &mut Log) -> Result<Option<PathBuf>> {
        let dependencies = dependencies(package)?;
        if dependencies.is_empty() {
            return Ok(None);
        }
        let folder = work.join("dependencies");
        let list = dependencies.join("\n");
        let stamp = work.join("dependencies.txt");
        if fs::read_to_string(&stamp).is_ok_and(|known| known == list) {
            return Ok(Some(folder));
        }
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        // Only what is pure Python runs in a component.
        let pure = ["--only-binary=:all:", "--implementation=py", "--abi=none", "--platform=any"];
        let mut pip = self.pip(&["install"]);
        pip.args(pure).arg(format!("--python-version={PYTHON}")).arg("--target").arg(&folder).args(&dependencies);
        log.run(&mut pip)
            .context("of the dependencies in pyproject.toml, only those in pure Python can be installed")?;
        fs::write(stamp, list)?;
        Ok(Some(folder))
    }
}

/// A Python that is new enough to make virtual environments with.
fn interpreter(log: &mut Log) -> Result<&'static str> {
    let check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    let known = ["python3", "python"];
    let found = known.into_iter().find(|python| log.succeeds(Command::new(python).args(["-c", check])));
    found.context(
        "no Python 3.10 or newer with the module venv was found. Install Python (https://www.python.org), on Debian and \
         Ubuntu with `apt-get install python3-venv`",
    )
}

/// What `dependencies` of the manifest names beside the SDK, which the package has already.
fn dependencies(package: &PackageDir) -> Result<Vec<String>> {
    let text = fs::read_to_string(package.folder.join(package.language.manifest()))?;
    let manifest: toml::Table = text.parse()?;
    let listed = manifest.get("project").and_then(|project| project.get("dependencies"));
    let listed = listed.and_then(|listed| listed.as_array()).map(Vec::as_slice).unwrap_or_default();
    let names = listed.iter().map(|name| name.as_str().map(str::to_owned));
    let names: Option<Vec<String>> = names.collect();
    let names = names.context("`dependencies` in pyproject.toml is a list of texts")?;
    Ok(names.into_iter().filter(|name| !name.replace('_', "-").starts_with("anabranch-udf")).collect())
}

/// Copies the package's modules, and what else lies beside them, into `target`: all that is not hidden, not a virtual
/// environment, and not made by a build.
fn copy_sources(package: &PackageDir, target: &Path) -> Result<()> {
    let has_module = |folder: &Path| {
        folder.join(&package.name).with_extension("py").is_file()
            || folder.join(&package.name).join("__init__.py").is_file()
    };
    let folders = [package.folder.clone(), package.folder.join("src")];
    let Some(root) = folders.iter().find(|folder| has_module(folder)) else {
        bail!("it has neither a module {0}.py nor a package {0}/__init__.py, here or in src", package.name);
    };
    if target.exists() {
        fs::remove_dir_all(target)?;
    }
    copy(root, target).with_context(|| format!("cannot copy the sources in '{}'", root.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let left_out = name.starts_with('.') || name == "__pycache__" || name == "node_modules";
        let left_out = left_out || path.join("pyvenv.cfg").exists() || name.ends_with(".wasm");
        match path.is_dir() {
            _ if left_out => {}
            true => copy(&path, &to.join(name))?,
            false => fs::copy(&path, to.join(name)).map(drop)?,
        }
    }
    Ok(())
}

/// A text as Python writes it, which is as JSON does.
fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
