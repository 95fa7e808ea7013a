//! Packages in JavaScript and TypeScript: esbuild makes one module of them, and componentize-qjs takes a snapshot of a
//! QuickJS that has run it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::toolchain::ensure;
use crate::{Language, Log, PackageDir};

const COMPONENTIZE: (&str, &str) = ("componentize-qjs", "0.4.5");
const ESBUILD: (&str, &str) = ("esbuild", "0.28.2");

pub(crate) fn build(package: &PackageDir, toolchains: &Path, log: &mut Log) -> Result<Vec<u8>> {
    let tools = Tools::find(toolchains, log)?;
    install_dependencies(package, log)?;
    let (work, sdk) = (package.work().join("build"), package.sdk());
    fs::create_dir_all(&work)?;
    let module = main_module(package)?;
    let [component, module, name, version] =
        [&path(&sdk.join("src/component.js"))?, &path(&module)?, &package.name, &package.version]
            .map(|text| quote(text));
    // The first import gives the others a console.
    let entry = format!(
        "import {{ component }} from {component};\nimport * as module from {module};\n\n\
         export const functions = component({name}, {version}, module);\n"
    );
    tools.componentize("function-package", &entry, &sdk, &work, &package.folder, log)
}

/// The interpreter of inline functions: the SDK itself.
pub(crate) fn build_interpreter(sdk: &Path, work: &Path, toolchains: &Path, log: &mut Log) -> Result<Vec<u8>> {
    let tools = Tools::find(toolchains, log)?;
    let component = quote(&path(&sdk.join("src/interpreter_component.js"))?);
    let entry = format!("export {{ functions, interpreter }} from {component};\n");
    tools.componentize("function-interpreter", &entry, sdk, work, work, log)
}

/// A folder in which npm has installed the tools.
struct Tools(PathBuf);

impl Tools {
    fn find(toolchains: &Path, log: &mut Log) -> Result<Self> {
        let [componentize, esbuild] = [COMPONENTIZE, ESBUILD].map(|(name, version)| format!("{name}@{version}"));
        let folder = toolchains.join("js").join(format!("{componentize}-{esbuild}"));
        ensure(&folder, &format!("{componentize} and {esbuild}"), log, |log| {
            check_node(log)?;
            fs::write(folder.join("package.json"), "{ \"private\": true }\n")?;
            log.run(npm(&["install", "--save-exact", &componentize, &esbuild]).current_dir(&folder))
        })?;
        Ok(Tools(folder))
    }

    /// Makes one module of the entry and all that it imports, and a component of that.
    fn componentize(
        &self,
        world: &str,
        entry: &str,
        sdk: &Path,
        work: &Path,
        folder: &Path,
        log: &mut Log,
    ) -> Result<Vec<u8>> {
        let [entry_file, bundle, output] = ["entry.js", "bundle.js", "component.wasm"].map(|name| work.join(name));
        fs::write(&entry_file, entry)?;
        let mut esbuild = self.command(ESBUILD.0);
        esbuild
            .current_dir(folder)
            .arg(&entry_file)
            .args(["--bundle", "--format=esm", "--platform=neutral", "--main-fields=module,main", "--target=es2023"])
            .args(["--charset=utf8", "--log-level=warning", "--external:anabranch:*"])
            // The SDK that was unpacked, whatever npm may have installed under its name.
            .arg(format!("--alias:anabranch-udf={}", path(&sdk.join("src/index.js"))?))
            .arg(format!("--outfile={}", path(&bundle)?));
        log.output(&mut esbuild)?;
        let mut componentize = self.command(COMPONENTIZE.0);
        componentize
            .current_dir(work)
            .arg("--wit")
            .arg(sdk.join("wit"))
            .args(["--world", world, "--sync", "--js"])
            .arg(&bundle)
            .arg("--output")
            .arg(&output);
        log.output(&mut componentize)?;
        fs::read(&output).with_context(|| format!("{} made no '{}'", COMPONENTIZE.0, output.display()))
    }

    /// A tool, which is run by Node.js.
    fn command(&self, tool: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(self.0.join("node_modules").join(tool).join("bin").join(tool));
        command
    }
}

fn npm(arguments: &[&str]) -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(arguments).args(["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm
}

fn check_node(log: &mut Log) -> Result<()> {
    let advice = "install Node.js 20 or newer, which has npm with it (https://nodejs.org)";
    let version = log.output(Command::new("node").arg("--version")).context(advice)?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    match major {
        Some(20u32..) => Ok(()),
        _ => bail!("Node.js is of version {}: {advice}", version.trim()),
    }
}

/// Installs what the package depends on beside the SDK, unless it lies there already.
fn install_dependencies(package: &PackageDir, log: &mut Log) -> Result<()> {
    let manifest = manifest(package)?;
    let listed = manifest.get("dependencies").and_then(|listed| listed.as_object());
    let mut names = listed.into_iter().flatten().map(|(name, _)| name).filter(|name| *name != "anabranch-udf");
    let modules = package.folder.join("node_modules");
    if names.all(|name| modules.join(name).exists()) {
        return Ok(());
    }
    check_node(log)?;
    log.run(npm(&["install", "--omit=dev"]).current_dir(&package.folder))
}

/// The module whose exports are the functions: `main` of the manifest, or that of the package's name.
fn main_module(package: &PackageDir) -> Result<PathBuf> {
    let manifest = manifest(package)?;
    let extension = if package.language == Language::TypeScript { "ts" } else { "js" };
    let main = match manifest.get("main").and_then(|main| main.as_str()) {
        Some(main) => main.to_owned(),
        None => format!("{}.{extension}", package.name),
    };
    let module = package.folder.join(&main);
    if !module.is_file() {
        bail!("there is no module '{main}': name the one that exports the functions as \"main\" in package.json");
    }
    Ok(module)
}

fn manifest(package: &PackageDir) -> Result<serde_json::Value> {
    let text = fs::read_to_string(package.folder.join(package.language.manifest()))?;
    Ok(serde_json::from_str(&text)?)
}

fn path(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).with_context(|| format!("the path '{}' is not UTF-8", path.display()))
}

/// A text as JavaScript writes it, which is as JSON does.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
