//! Every check and test, in the order in which they fail fastest.

use std::process::{Child, Stdio};
use std::time::Instant;

use anabranch_build::rust::TARGET;
use anyhow::{Context, Result};

use crate::{components, examples, fuzz, sdks, shell, tools};

pub fn all() -> Result<()> {
    let start = Instant::now();
    let postgres = step("tools", || {
        tools::wasm_toolchain(TARGET)?;
        tools::postgres()
    })?;
    step("format", format)?;
    step("lint", lint)?;
    let compiling = Compiling::start()?;
    step("components", components::check)?;
    step("SDKs", sdks::test)?;
    step("test", || {
        compiling.wait();
        let mut test = shell::command("cargo", &["test", "--release", "--workspace"]);
        test.env("PG_BIN", &postgres);
        shell::run_command(test)
    })?;
    step("examples", examples::run)?;
    // Last: it compiles our own crates once more.
    step("fuzz", || fuzz::run(&["--seconds", "60"]))?;
    println!("all checks passed in {:.0?}", start.elapsed());
    Ok(())
}

/// Compiles the tests while the components and SDKs are built, by tools of other languages with a thread each. What it says is
/// not shown: the step that runs the tests says it again.
struct Compiling(Child);

impl Compiling {
    fn start() -> Result<Self> {
        let mut compile = shell::command("cargo", &["test", "--release", "--workspace", "--no-run"]);
        compile.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Compiling(compile.spawn().context("cannot start cargo")?))
    }

    fn wait(mut self) {
        let _ = self.0.wait();
    }
}

impl Drop for Compiling {
    /// Where a step before the tests failed.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn format() -> Result<()> {
    shell::run("cargo", &["fmt", "--all", "--check"]).context("run `cargo xtask format`")
}

pub fn lint() -> Result<()> {
    shell::run("cargo", &["clippy", "--release", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    // Building cargo-deny takes longer than all else here, so it is used where it is installed.
    if shell::succeeds("cargo", &["deny", "--version"]) {
        shell::run("cargo", &["deny", "--offline", "check", "bans", "licenses", "sources"])?;
    } else {
        println!("cargo-deny is not installed: deny.toml was not checked (`cargo install cargo-deny`)");
    }
    Ok(())
}

pub fn bench(arguments: &[&str]) -> Result<()> {
    if let [program @ ("pv_uv" | "attacks" | "languages" | "leaks"), rest @ ..] = arguments {
        if ["languages", "leaks"].contains(program) {
            components::interpreters()?;
            components::same()?;
        }
        // All of the workspace, whose dependencies have the features that they have been built with.
        shell::run("cargo", &["build", "--release", "--workspace", "--bins"])?;
        return shell::run(&shell::target().join("release").join(program).display().to_string(), rest);
    }
    components::build_for_bench()?;
    let mut words = vec!["bench", "--profile", "release", "--workspace", "--bench", "host", "--"];
    words.extend(arguments);
    shell::run("cargo", &words)
}

/// Says what runs and how long it took.
fn step<T>(name: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("== {name}");
    let start = Instant::now();
    let result = run().with_context(|| format!("step `{name}` failed"))?;
    println!("== {name}: {:.0?}", start.elapsed());
    Ok(result)
}
