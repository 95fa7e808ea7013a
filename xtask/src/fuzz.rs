//! The fuzzers: libFuzzer, guided by the coverage of our own crates.
//!
//! `cargo fuzz` would instrument every dependency, which takes a nightly compiler and as long as building DataFusion
//! does. Here cargo's wrapper for members of the workspace, which is this program, adds the flags to our crates alone,
//! on the compiler that builds all else; dependencies are those that the tests use.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell;

/// Set where this program is called as cargo's wrapper of rustc.
pub const INSTRUMENT: &str = "ANABRANCH_INSTRUMENT";

/// Fuzzers and folders of inputs to begin with.
const TARGETS: &[(&str, &[&str])] = &[
    ("arrow", &["fuzz/seeds/arrow"]),
    ("metadata", &["fuzz/seeds/metadata"]),
    ("cache", &[]),
    ("ddl", &["fuzz/seeds/ddl", "tests/stories"]),
];

/// Crates whose coverage guides, and in which overflows and broken assertions are found.
const INSTRUMENTED: &[&str] = &["anabranch", "anabranch_host"];

const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Coverflow-checks=on",
    "-Cdebug-assertions=on",
];

/// Builds and runs fuzzers, two at a time.
pub fn run(arguments: &[&str]) -> Result<()> {
    let (seconds, names) = match arguments {
        ["--seconds", seconds, names @ ..] => (seconds.parse().context("`--seconds` takes a number")?, names),
        names => (60u32, names),
    };
    let chosen: Vec<_> = TARGETS.iter().filter(|(name, _)| names.is_empty() || names.contains(name)).collect();
    if let Some(unknown) = names.iter().find(|name| !TARGETS.iter().any(|(known, _)| known == *name)) {
        bail!("there is no fuzzer `{unknown}`");
    }
    build(&chosen.iter().map(|(name, _)| *name).collect::<Vec<_>>())?;
    let mut ended = Vec::new();
    for pair in chosen.chunks(2) {
        let running =
            pair.iter().map(|(name, seeds)| Ok((*name, start(name, seeds, seconds)?))).collect::<Result<Vec<_>>>()?;
        // All are waited for, so that none goes on alone.
        for (name, mut fuzzer) in running {
            ended.push((name, fuzzer.wait()?));
        }
    }
    for (name, status) in ended {
        let said = String::from_utf8_lossy(&std::fs::read(folder(name).join("log"))?).into_owned();
        if !status.success() {
            let from = said.lines().count().saturating_sub(40);
            let last: Vec<&str> = said.lines().skip(from).collect();
            bail!(
                "the fuzzer `{name}` found a failure; the input is in {}\n{}",
                folder(name).display(),
                last.join("\n")
            );
        }
        let runs = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        println!("{name}: {} inputs", runs.unwrap_or("?").trim());
    }
    Ok(())
}

fn build(names: &[&str]) -> Result<()> {
    let mut build = shell::command("cargo", &["build", "--release", "--workspace", "--quiet"]);
    // The others do without the engine, which takes long to compile.
    let engine = names.contains(&"ddl");
    build.args(["--features", if engine { "anabranch-fuzz/engine" } else { "anabranch-fuzz/libfuzzer" }]);
    for name in names {
        build.args(["--bin", &format!("fuzz_{name}")]);
    }
    build.env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?).env(INSTRUMENT, "1");
    shell::run_command(build)
}

/// Where a fuzzer keeps its inputs and what it finds.
fn folder(name: &str) -> PathBuf {
    shell::target().join("fuzz").join(name)
}

fn start(name: &str, seeds: &[&str], seconds: u32) -> Result<Child> {
    let folder = folder(name);
    let corpus = folder.join("corpus");
    std::fs::create_dir_all(&corpus)?;
    let mut fuzzer = Command::new(shell::target().join(format!("release/fuzz_{name}")));
    fuzzer.arg(corpus).args(seeds.iter().map(|seeds| shell::root().join(seeds)).filter(|seeds| seeds.exists()));
    fuzzer.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/", folder.display()));
    fuzzer.args(["-timeout=10", "-rss_limit_mb=2048", "-max_len=4096", "-print_final_stats=1"]);
    let log = std::fs::File::create(folder.join("log"))?;
    fuzzer.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    fuzzer.spawn().with_context(|| format!("cannot start {fuzzer:?}"))
}

/// Compiles one crate of the workspace: the arguments are those of rustc, its path first.
pub fn compile() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let mut rustc = Command::new(arguments.next().context("no compiler is named")?);
    let arguments: Vec<_> = arguments.collect();
    let after = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1)?.to_str()
    };
    let name = after("--crate-name").unwrap_or_default();
    if INSTRUMENTED.contains(&name) || name.starts_with("fuzz_") {
        rustc.args(FLAGS);
    }
    rustc.args(&arguments);
    let status = rustc.status()?;
    std::process::exit(status.code().unwrap_or(1));
}
