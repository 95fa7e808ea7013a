//! A user of the command: a folder, a home, and what the command says to them.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

pub struct User(TempDir);

/// What a command said.
pub struct Output {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl User {
    pub fn new() -> Result<Self> {
        let user = User(tempfile::tempdir()?);
        fs::create_dir_all(user.folder())?;
        fs::create_dir_all(user.home())?;
        Ok(user)
    }

    /// Where they work.
    pub fn folder(&self) -> PathBuf {
        self.0.path().join("work")
    }

    /// Their home, empty at first.
    pub fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    /// A component of the examples, in their folder.
    pub fn prebuilt(&self, name: &str) -> Result {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
        fs::copy(examples.join("word_count").join(format!("{name}.wasm")), self.folder().join(format!("{name}.wasm")))?;
        Ok(())
    }

    /// The command, as they would give it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anabranch"));
        command.args(arguments).current_dir(self.folder()).env("HOME", self.home());
        for variable in [
            "XDG_CACHE_HOME",
            "XDG_DATA_HOME",
            "ANABRANCH_CACHE_DIR",
            "ANABRANCH_PACKAGES",
            "ANABRANCH_HOME",
            "CARGO_TARGET_DIR",
        ] {
            command.env_remove(variable);
        }
        // The toolchains of this machine are found, wherever the home is: what installing one takes is no test of ours.
        let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
        for (variable, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let folder = std::env::var_os(variable).map_or_else(|| home.join(folder), PathBuf::from);
            command.env(variable, folder);
        }
        command
    }

    /// Runs the command; whether it succeeds, the caller sees.
    pub fn run(&self, arguments: &[&str]) -> Result<Output> {
        let output = self.command(arguments).output()?;
        Ok(Output {
            code: output.status.code().ok_or("it was killed")?,
            out: String::from_utf8(output.stdout)?,
            err: String::from_utf8(output.stderr)?,
        })
    }

    /// Runs a command that succeeds.
    pub fn anabranch(&self, arguments: &[&str]) -> Result<Output> {
        let output = self.run(arguments)?;
        if output.code != 0 {
            return Err(format!("{arguments:?} failed:\n{}{}", output.out, output.err).into());
        }
        Ok(output)
    }

    /// Runs a command that fails with this exit code; gives what it says on standard error.
    pub fn fails(&self, arguments: &[&str], code: i32) -> Result<String> {
        let output = self.run(arguments)?;
        if output.code != code {
            return Err(format!("{arguments:?} ended with {}:\n{}{}", output.code, output.out, output.err).into());
        }
        Ok(output.err)
    }
}
