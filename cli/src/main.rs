//! The `anabranch` command.

mod function;
mod interrupt;
mod progress;
mod run;
mod shown;
mod table;
mod tell;

use std::io::IsTerminal;
use std::process::ExitCode;

use anabranch::{Domain, Error};
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use tell::tell;

/// Streaming SQL whose functions are sandboxed WebAssembly components.
#[derive(Parser)]
#[command(name = "anabranch", version, after_help = EXIT_CODES)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 2 the SQL, an option or the data are wrong; 3 a function failed; 4 a connector failed; \
5 state cannot be used; 70 a bug of ours; 130 ended by Ctrl-C, \
143 by SIGTERM. The log is set by RUST_LOG (warn).";

#[derive(Subcommand)]
enum Command {
    /// Runs a script of SQL statements; ends when its jobs have ended.
    Run(run::Options),
    /// Makes function packages, builds, tests and measures them, and calls their functions.
    #[command(subcommand)]
    Function(function::Command),
}

fn main() -> ExitCode {
    let options = Options::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        // They would be told of on standard error, which is what failed.
        .log_internal_errors(false)
        .init();
    let done = match options.command {
        Command::Run(options) => run::run(&options),
        Command::Function(command) => report(function::run(&command)),
    };
    ExitCode::from(done)
}

/// Prints an error; gives the exit code.
fn report(result: Result<(), Error>) -> u8 {
    match result {
        Ok(()) => 0,
        Err(error) => {
            tell!("error: {error}");
            exit_code(&error)
        }
    }
}

fn exit_code(error: &Error) -> u8 {
    match error.domain() {
        Domain::User => 2,
        Domain::Function => 3,
        Domain::Connector => 4,
        Domain::State => 5,
        Domain::Bug => 70,
    }
}
