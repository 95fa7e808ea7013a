//! What npm installs to build packages: esbuild, and what makes a component of a module, with a JavaScript engine in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::Log;
use crate::toolchain::ensure;

const ESBUILD: Tool = Tool { name: "esbuild", version: "0.28.2", program: "bin/esbuild" };

/// A program of npm.
struct Tool {
    name: &'static str,
    version: &'static str,
    /// What Node.js runs, within the package.
    program: &'static str,
}

impl Tool {
    /// As npm takes it.
    fn specifier(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// For names of folders.
    fn short(&self) -> String {
        let name = self.name.rsplit('/').next().unwrap_or(self.name);
        format!("{name}@{}", self.version)
    }
}

/// The JavaScript engine in a component.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Engine {
    #[default]
    QuickJs,
    StarlingMonkey,
}

impl Engine {
    const ALL: [Engine; 2] = [Engine::QuickJs, Engine::StarlingMonkey];

    /// Its name in package.json.
    pub(super) fn name(self) -> &'static str {
        match self {
            Engine::QuickJs => "quickjs",
            Engine::StarlingMonkey => "starlingmonkey",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|engine| engine.name() == name).with_context(|| {
            let names = Self::ALL.map(Engine::name).join(" and ");
            format!("there is no engine '{name}'; there are {names}")
        })
    }

    fn tool(self) -> Tool {
        match self {
            Engine::QuickJs => Tool { name: "componentize-qjs", version: "0.4.5", program: "bin/componentize-qjs" },
            Engine::StarlingMonkey => {
                Tool { name: "@bytecodealliance/componentize-js", version: "0.23.0", program: "src/cli.js" }
            }
        }
    }

    /// What npm shall take instead of what the tool asks for.
    fn overrides(self) -> serde_json::Value {
        match self {
            Engine::QuickJs => serde_json::json!({}),
            // Of jco it needs what makes a component of a module. The newest brings another two of itself, two TypeScripts
            // and a bundler, twice as much to fetch; this is the first that will do.
            Engine::StarlingMonkey => serde_json::json!({
                "@bytecodealliance/jco": { ".": "1.15.1", "@bytecodealliance/componentize-js": "0.23.0" },
                "@bytecodealliance/wizer": "10.0.0",
            }),
        }
    }

    /// What the tool is called with, from the bundle to the component.
    fn arguments(self, wit: &Path, world: &str, bundle: &str, output: &str) -> Result<Vec<String>> {
        let wit = path(wit)?;
        let arguments = match self {
            Engine::QuickJs => vec!["--wit", &wit, "--world", world, "--sync", "--js", bundle, "--output", output],
            // Without these it imports wasi:http, which no function is given.
            Engine::StarlingMonkey => {
                let disable = ["--disable", "http", "--disable", "fetch-event"];
                [&[bundle, "--wit", &wit, "--world-name", world, "--out", output][..], &disable].concat()
            }
        };
        Ok(arguments.into_iter().map(str::to_owned).collect())
    }
}

/// A folder in which npm has installed the tools.
pub(super) struct Tools {
    folder: PathBuf,
    engine: Engine,
}

impl Tools {
    pub(super) fn find(engine: Engine, toolchains: &Path, log: &mut Log) -> Result<Self> {
        let tools = [engine.tool(), ESBUILD];
        let folder = toolchains.join("js").join(tools.each_ref().map(Tool::short).join("-"));
        let tools = tools.map(|tool| tool.specifier());
        ensure(&folder, &tools.join(" and "), log, |log| {
            check_node(log)?;
            let manifest = serde_json::json!({ "private": true, "overrides": engine.overrides() });
            fs::write(folder.join("package.json"), format!("{manifest:#}\n"))?;
            let [engine, esbuild] = &tools;
            log.run(npm(&["install", "--save-exact", engine, esbuild]).current_dir(&folder))
        })?;
        Ok(Tools { folder, engine })
    }

    /// Makes one module of the entry and all that it imports, and a component of that.
    pub(super) fn componentize(
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
        let mut esbuild = self.command(&ESBUILD);
        esbuild
            .current_dir(folder)
            .arg(&entry_file)
            .args(["--bundle", "--format=esm", "--platform=neutral", "--main-fields=module,main", "--target=es2023"])
            .args(["--charset=utf8", "--log-level=warning", "--external:anabranch:*"])
            // The SDK that was unpacked, whatever npm may have installed under its name.
            .arg(format!("--alias:anabranch-udf={}", path(&sdk.join("src/index.js"))?))
            .arg(format!("--outfile={}", path(&bundle)?));
        log.output(&mut esbuild)?;
        let tool = self.engine.tool();
        let mut componentize = self.command(&tool);
        // In the folder of the bundle, as what lies elsewhere gets its whole path into stack traces.
        let arguments = self.engine.arguments(&sdk.join("wit"), world, "bundle.js", "component.wasm")?;
        log.output(componentize.current_dir(work).args(arguments))?;
        fs::read(&output).with_context(|| format!("{} made no '{}'", tool.name, output.display()))
    }

    /// A tool, which is run by Node.js.
    fn command(&self, tool: &Tool) -> Command {
        let mut command = Command::new("node");
        command.arg(self.folder.join("node_modules").join(tool.name).join(tool.program));
        command
    }
}

pub(super) fn npm(arguments: &[&str]) -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(arguments).args(["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm
}

pub(super) fn check_node(log: &mut Log) -> Result<()> {
    let advice = "install Node.js 20 or newer, which has npm with it (https://nodejs.org)";
    let version = log.output(Command::new("node").arg("--version")).context(advice)?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    match major {
        Some(20u32..) => Ok(()),
        _ => bail!("Node.js is of version {}: {advice}", version.trim()),
    }
}

pub(super) fn path(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).with_context(|| format!("the path '{}' is not UTF-8", path.display()))
}
