//! The project's chores: `cargo xtask COMMAND`.

mod components;
mod examples;
mod fuzz;
mod sdks;
mod shell;
mod tests;
mod tools;

use anyhow::{Result, bail};

const HELP: &str = "cargo xtask COMMAND

  test                every check and test, installing what they need
  lint                clippy, and the licences and sources of dependencies
  format [--check]    rustfmt
  components [--check]
                      builds the example packages; --check compares them with the prebuilt ones instead of replacing them
  interpreters        builds what runs inline functions, beside the programs in the target folder
  sdks                the tests of the SDKs that are not in Rust, without WebAssembly
  examples            runs the README's jobs and compares what they say
  fuzz [--seconds N] [TARGET…]
                      fuzzers of arrow, metadata, cache and ddl; a minute each, unless told otherwise
  bench [ARGS]        measurements by criterion, which takes ARGS
  bench pv_uv [EVENTS]
                      the PV/UV job on a large file, in events per second
  bench attacks [ROUNDS]
                      what a function costs another one beside it, attack by attack
  bench languages [ROUNDS [FUNCTION]]
                      what a row, a call and a new function cost in each language, against native Rust
  bench leaks [CALLS]
                      the memory of functions that leak, over a million calls";

fn main() -> Result<()> {
    if std::env::var_os(fuzz::INSTRUMENT).is_some() {
        return fuzz::compile();
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => tests::all(),
        ["lint"] => tests::lint(),
        ["format"] => shell::run("cargo", &["fmt", "--all"]),
        ["format", "--check"] => tests::format(),
        ["components"] => components::replace(),
        ["components", "--check"] => components::check(),
        ["interpreters"] => components::interpreters(),
        ["sdks"] => sdks::test(),
        ["examples"] => examples::run(),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["bench", rest @ ..] => tests::bench(rest),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("unknown command `{}`\n\n{HELP}", other.join(" ")),
    }
}
