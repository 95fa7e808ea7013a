//! Packages in JavaScript and TypeScript: esbuild makes one module of them, and componentize-qjs takes a snapshot of a
//! QuickJS that has run it; or componentize-js of a StarlingMonkey, where the package's manifest asks for that.

mod tools;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{Language, Log, PackageDir};
use tools::{Engine, Tools, check_node, npm, path};

pub(crate) fn build(package: &PackageDir, toolchains: &Path, log: &mut Log) -> Result<Vec<u8>> {
    let manifest = manifest(package)?;
    let tools = Tools::find(engine(&manifest)?, toolchains, log)?;
    install_dependencies(package, &manifest, log)?;
    let (work, sdk) = (package.work().join("build"), package.sdk());
    fs::create_dir_all(&work)?;
    let module = main_module(package, &manifest)?;
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
    let tools = Tools::find(Engine::default(), toolchains, log)?;
    let component = quote(&path(&sdk.join("src/interpreter_component.js"))?);
    let entry = format!("export {{ functions, interpreter }} from {component};\n");
    tools.componentize("function-interpreter", &entry, sdk, work, work, log)
}

/// The engine that `"anabranch": { "engine": … }` in the manifest names.
fn engine(manifest: &Value) -> Result<Engine> {
    let Some(options) = manifest.get("anabranch") else { return Ok(Engine::default()) };
    let options =
        options.as_object().context("\"anabranch\" in package.json is an object, such as { \"engine\": … }")?;
    if let Some(unknown) = options.keys().find(|name| *name != "engine") {
        bail!("\"anabranch\" in package.json has no option \"{unknown}\", only \"engine\"");
    }
    let Some(engine) = options.get("engine") else { return Ok(Engine::default()) };
    engine
        .as_str()
        .context("it is a text")
        .and_then(Engine::parse)
        .context("\"engine\" of \"anabranch\" in package.json")
}

/// Installs what the package depends on beside the SDK, unless it lies there already.
fn install_dependencies(package: &PackageDir, manifest: &Value, log: &mut Log) -> Result<()> {
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
fn main_module(package: &PackageDir, manifest: &Value) -> Result<PathBuf> {
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

fn manifest(package: &PackageDir) -> Result<Value> {
    let text = fs::read_to_string(package.folder.join(package.language.manifest()))?;
    Ok(serde_json::from_str(&text)?)
}

/// A text as JavaScript writes it, which is as JSON does.
fn quote(text: &str) -> String {
    Value::from(text).to_string()
}
