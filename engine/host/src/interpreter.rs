//! Interpreters: components that make functions of source text, which stands in the DDL of SQL.
//!
//! They are not a part of this binary: `anabranch function interpreter build python` makes one, from the SDK of its
//! language, and `cargo xtask components` does so for a checkout.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::limits::Limits;
use crate::package::Package;
use crate::wire::CONTRACT_VERSION;

/// A language that there is an interpreter for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Interpreter {
    Python,
    JavaScript,
}

impl Interpreter {
    pub const ALL: [Interpreter; 2] = [Interpreter::Python, Interpreter::JavaScript];

    /// Its name in commands.
    pub fn name(self) -> &'static str {
        match self {
            Interpreter::Python => "python",
            Interpreter::JavaScript => "javascript",
        }
    }

    /// The name of its component's file: with the version of the contract, so that one of another version is not found.
    pub fn file_name(self) -> String {
        format!("{}-{CONTRACT_VERSION}.wasm", self.name())
    }

    /// The folders in which interpreters are looked for: `interpreters` in `$ANABRANCH_HOME`, beside the running program
    /// and one and two folders above it (`bin/..` of an installation, cargo's target folder), and in `anabranch` within
    /// the user's data directory.
    pub fn folders() -> Vec<PathBuf> {
        let home = variable("ANABRANCH_HOME").map(|home| home.join("interpreters"));
        let program = std::env::current_exe().ok();
        let beside = program.iter().flat_map(|program| program.ancestors().skip(1).take(3));
        let beside = beside.map(|folder| folder.join("interpreters"));
        home.into_iter().chain(beside).chain(Self::data_folder()).collect()
    }

    /// Where a user's interpreters are put: in `$ANABRANCH_HOME`, else the data directory; `None` where there is none.
    pub fn install_folder() -> Option<PathBuf> {
        variable("ANABRANCH_HOME").map(|home| home.join("interpreters")).or_else(Self::data_folder)
    }

    fn data_folder() -> Option<PathBuf> {
        variable("XDG_DATA_HOME")
            .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
            .map(|data| data.join("anabranch/interpreters"))
    }

    /// The component of the interpreter.
    ///
    /// # Errors
    /// Where it is not installed, with the command that installs it.
    pub fn find(self) -> Result<PathBuf> {
        let folders = Self::folders();
        let found = folders.iter().map(|folder| folder.join(self.file_name())).find(|file| file.is_file());
        found.ok_or_else(|| Error::NoInterpreter {
            language: self.to_string(),
            command: format!("anabranch function interpreter build {}", self.name()),
            looked_in: folders,
        })
    }
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The name that people use.
impl fmt::Display for Interpreter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Interpreter::Python => "Python",
            Interpreter::JavaScript => "JavaScript",
        })
    }
}

impl FromStr for Interpreter {
    type Err = String;

    /// In any case.
    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|language| language.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| format!("there is no interpreter for '{name}'; there are python and javascript"))
    }
}

/// The interpreters that a host has loaded, each once.
#[derive(Default)]
pub(crate) struct LoadedInterpreters(Mutex<HashMap<Interpreter, (Version, Arc<Package>)>>);

/// Which file was loaded: one that was built anew is loaded anew.
#[derive(PartialEq, Eq)]
struct Version {
    path: PathBuf,
    modified: Option<SystemTime>,
    size: u64,
}

impl Host {
    /// An interpreter, of which functions can be [defined](Package::define). Loaded once; others wait for who loads it.
    ///
    /// # Errors
    /// Where it is not installed, or is no interpreter.
    pub fn interpreter(self: &Arc<Self>, language: Interpreter) -> Result<Arc<Package>> {
        let path = language.find()?;
        let unreadable =
            |error: std::io::Error| Error::Load { package: format!("'{}'", path.display()), reason: error.to_string() };
        let file = std::fs::metadata(&path).map_err(unreadable)?;
        let version = Version { path: path.clone(), modified: file.modified().ok(), size: file.len() };
        let mut loaded = self.interpreters.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, package)) = loaded.get(&language)
            && *known == version
        {
            return Ok(package.clone());
        }
        let package = self.load_file(&path, &Limits::default())?;
        if !package.is_interpreter() {
            return Err(Error::Load {
                package: format!("'{}'", path.display()),
                reason: format!("it is no interpreter; run `anabranch function interpreter build {}`", language.name()),
            });
        }
        loaded.insert(language, (version, package.clone()));
        Ok(package)
    }
}
